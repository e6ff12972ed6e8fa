import type { BoundariesAnswer } from '../commands/boundaries.ts'
import { sayRule } from '../planning/look-options.ts'
import { layColumns } from './columns.ts'
import { sayNumber } from './numbers.ts'
import { wrap } from './wrap.ts'

/** The bounds for people: a row a look, then what a trial costs. */
export function boundariesText(told: BoundariesAnswer): string {
  const { rule, sides, alpha, futility, looks, power, drift, inflation, expectedInformation } = told
  const lines = [wrap(`${sides === 2 ? 'Two' : 'One'}-sided alpha ${alpha}, ${sayRule(rule)}`, '', '  ')]
  if (futility) {
    lines.push(
      wrap(
        `futility: beta ${sayNumber(futility.beta)}, ${sayRule(futility.spending)}, ${futility.isBinding ? 'binding: who crosses it must stop' : 'not binding: alpha holds whether or not one stops'}`,
        '  ',
      ),
    )
  }
  const sayBound = (bound: number | null | undefined) =>
    bound === null || bound === undefined ? 'none' : bound.toFixed(4)
  const below = futility ? 'futile' : rule.type === 'hybrid' ? 'harm' : undefined
  const lower = (row: (typeof looks)[number]) => (below ? [sayBound(row.lower)] : [])
  lines.push(
    layColumns([
      [
        '',
        '',
        sides === 2 && !below ? '|z|' : 'z',
        ...(below ? [below] : []),
        'p of',
        'alpha',
        'stopped',
        'stopped',
      ],
      ['look', 'information', 'from', ...(below ? ['to'] : []), 'one side', 'spent', 'under H0', `at drift`],
      ...looks.map((row) => [
        String(row.look),
        sayNumber(row.information),
        sayBound(row.upper),
        ...lower(row),
        sayNumber(row.nominalP),
        sayNumber(row.alphaSpent),
        sayNumber(row.underNull.stopped),
        sayNumber(row.underDrift.stopped),
      ]),
    ]),
    wrap(`drift ${sayNumber(drift)}: the mean of z at full information; power ${sayNumber(power)}`, '  '),
  )
  const { underNull, underDrift } = expectedInformation
  const last = looks.at(-1)?.information ?? 1
  if (inflation !== null) {
    lines.push(
      wrap(
        `at most ${(inflation * last).toFixed(3)} times the units of one look with this power; on average ${(inflation * underNull).toFixed(3)} times without an effect, ${(inflation * underDrift).toFixed(3)} times at the drift`,
        '  ',
      ),
    )
  } else {
    lines.push(
      wrap(
        `information when it ends: ${sayNumber(underNull)} without an effect, ${sayNumber(underDrift)} at the drift`,
        '  ',
      ),
    )
  }
  return lines.join('\n')
}
