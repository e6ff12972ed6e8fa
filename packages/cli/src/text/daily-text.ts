import type { DailyEffect } from '@fairtrial/protocol'
import { layColumns } from './columns.ts'
import { sayBounds, sayEffect } from './numbers.ts'

/** A metric's effect by days since exposure. */
export function dailyText(title: string, { days, slope, verdict, longRun }: DailyEffect): string {
  const rows = days.map(({ effect, interval }, day) => [
    `day ${day + 1}`,
    sayEffect(effect),
    sayBounds(interval),
  ])
  return [
    `  by day, ${title}: ${verdict}; ${sayEffect(longRun)} a day in the second half`,
    layColumns(
      [
        ['', 'effect', 'at any look'],
        ...rows,
        ['change a day', sayEffect(slope.perDay), sayBounds(slope.interval)],
      ],
      '    ',
    ),
  ].join('\n')
}
