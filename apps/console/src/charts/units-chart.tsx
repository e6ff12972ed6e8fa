import type { HistoryPoint } from '@fairtrial/rollout'
import { armClass } from './arm-class.ts'
import { sayCount } from '../words/numbers.ts'
import { sayDuration } from '../words/times.ts'
import { linePath } from './path.ts'
import { linearScale } from './scale.ts'
import { pointAt, thin } from './thin.ts'
import { ticksBetween } from './ticks.ts'
import { Dot, TimeChart } from './time-chart.tsx'

/** How exposed units add up, arm by arm. */
export function UnitsChart({
  variants,
  points,
  domain,
}: {
  readonly variants: readonly string[]
  readonly points: readonly Pick<HistoryPoint, 'at' | 'units'>[]
  readonly domain: readonly [from: number, to: number]
}) {
  const newest = points.at(-1) ?? null
  const most = Math.max(1, ...variants.map((variant) => newest?.units[variant] ?? 0))
  const say = (point: Pick<HistoryPoint, 'units'> | null) =>
    variants.map((variant) => `${variant} ${sayCount(point?.units[variant] ?? 0)}`).join(' · ')

  return (
    <TimeChart
      title="Exposed units"
      sentence={`Exposed units by arm: now ${say(newest)}.`}
      domain={domain}
      height={190}
      yTicks={ticksBetween(0, most, 4).map((value) => ({ value, text: short(value) }))}
      yScale={(range) => linearScale([0, most * 1.08], range)}
      readout={(at) => (
        <span className="legend">
          {variants.map((variant, index) => (
            <span key={variant} className={armClass(index)}>
              <i aria-hidden="true" />
              {variant} {sayCount((at === null ? newest : pointAt(points, at))?.units[variant] ?? 0)}
            </span>
          ))}
        </span>
      )}
      numbers={{
        caption: 'Exposed units by arm over time',
        columns: ['Since the start', ...variants],
        rows: thin(points, 40).map(({ at, units }) => [
          sayDuration(at - domain[0]),
          ...variants.map((variant) => sayCount(units[variant] ?? 0)),
        ]),
      }}
    >
      {({ x, y, top, bottom }) =>
        variants.map((variant, index) => (
          <g key={variant} className={armClass(index)}>
            <path
              className="line"
              d={linePath(
                points.map(({ at, units }) => ({ at, value: units[variant] ?? null })),
                x,
                y,
              )}
            />
            {newest !== null && (
              <Dot x={x(newest.at)} y={y(newest.units[variant] ?? 0)} series={index} plot={{ top, bottom }} />
            )}
          </g>
        ))
      }
    </TimeChart>
  )
}

/** `12k`, `1.5M`: an axis has little room. */
function short(value: number): string {
  return Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 }).format(value)
}
