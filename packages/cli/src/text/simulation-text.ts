import type { Experiment } from '@fairtrial/protocol'
import type { Simulation } from '../commands/simulate.ts'
import type { ScenarioResult, Simulated } from '../simulation/tally-trials.ts'
import { layColumns } from './columns.ts'
import { sayCount, sayNumber } from './numbers.ts'
import { wrap } from './wrap.ts'

/** What a plan came to in each world, a column a world, with its Monte-Carlo error. */
export function simulationText({ key, analysis }: Experiment, simulation: Simulation): string {
  const { seed, traffic, scenarios, method, population } = simulation
  const trials = scenarios[0]?.trials ?? 0
  const row = (name: string, say: (result: ScenarioResult) => string) => [name, ...scenarios.map(say)]
  return [
    wrap(
      `${key}, ${method}: ${sayCount(trials)} trials in each world, seed ${seed}, ${sayCount(traffic.unitsPerDay)} units a day, a look every ${sayNumber(traffic.lookEveryMs / 3_600_000)} h${population === null ? '' : `, drawn from ${sayCount(population)} real units`}. Each number ± its standard error.`,
      '',
    ),
    layColumns([
      row('', ({ scenario }) => scenario),
      row('shipped', ({ shipped }) => sayShare(shipped)),
      row('aborted', ({ aborted }) => sayShare(aborted)),
      row('stopped', ({ stopped }) => sayShare(stopped)),
      row('primary better', ({ primaryBetter }) => sayShare(primaryBetter)),
      row('days', ({ days }) => sayMean(days)),
      row('units', ({ units }) => sayMean(units)),
      row('treated before abort', ({ treatedBeforeAbort }) =>
        treatedBeforeAbort === null ? 'none aborted' : sayMean(treatedBeforeAbort),
      ),
      row('  in the worst of ten', ({ treatedBeforeAbort }) =>
        treatedBeforeAbort === null ? '' : sayCount(treatedBeforeAbort.worstOfTen),
      ),
    ]),
    scenarios
      .map(({ scenario, truth, rules }) =>
        wrap(
          `${scenario}: ${truth} Ended by ${rules.map(({ rule, trials }) => `${rule} ${sayCount(trials)}`).join(', ')}.`,
          '',
          '  ',
        ),
      )
      .join('\n'),
    ...falsePositivesText(scenarios[0], analysis),
    ...stuck(scenarios),
    wrap(
      `Planned: alpha ${analysis.alpha} over both sides, so that at most ${sayNumber((100 * analysis.alpha) / 2)} % of trials without an effect may look better; at most ${sayNumber(100 * analysis.falseAbortAlpha)} % may be aborted by margins.`,
      '',
    ),
  ].join('\n\n')
}

/** The A/A test of each metric; what is beyond chance there is the test's fault. */
function falsePositivesText(
  none: ScenarioResult | undefined,
  { alpha, maximumUnits, tuneAt }: Experiment['analysis'],
): readonly string[] {
  const told = Object.entries(none?.falsePositives ?? {})
  const off = told.filter(([, { isOff }]) => isOff).map(([metric]) => metric)
  const shares = told.map(([metric, share]) => `${metric} ${sayShare(share)}`)
  const lines = [
    `A/A test, one look at ${sayCount(maximumUnits ?? tuneAt)} units without an effect: p is below ${alpha} for ${shares.join(', ')}.`,
    ...(off.length === 0
      ? []
      : [
          `Not so by chance (99.9 %): ${off.join(', ')}. The test does not hold there: the tail is too heavy, or the event too rare, for so many units. Plan a cap, or more units.`,
        ]),
  ]
  return told.length === 0 ? [] : [wrap(lines.join(' '), '')]
}

/** A plan whose guardrails cannot be proved with the units of its stages takes harmless changes back. */
function stuck(scenarios: Simulation['scenarios']): readonly string[] {
  const [none] = scenarios
  const expired = none?.rules.find(({ rule }) => rule === 'hold-expired')?.trials ?? 0
  if (none === undefined || expired <= none.trials / 10) return []
  return [
    wrap(
      `Of ${sayCount(none.trials)} trials without an effect ${sayCount(expired)} are held until they are aborted: their stages have too few units to prove the guardrails. Enrol more, allow wider margins, or a longer maximumHold.`,
      '',
    ),
  ]
}

function sayShare({ value, standardError }: Simulated): string {
  return `${(100 * value).toFixed(1)} ± ${(100 * standardError).toFixed(1)} %`
}

function sayMean({ value, standardError }: Simulated): string {
  const digits = value >= 100 ? 0 : 1
  const say = (x: number) =>
    x.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return `${say(value)} ± ${say(standardError)}`
}
