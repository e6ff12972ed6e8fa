import type { HardLimit, MetricSummary, MinuteSum } from '@fairtrial/protocol'
import { shareAtLeast, shareShown } from '../outcome.ts'
import type { Row, Setting } from '../row.ts'
import { summaryOfMetrics, trialOf } from '../trial.ts'

const MINUTE = 60_000
const UNITS_A_MINUTE = 20
const source = 'no test: its false aborts come on top'

const guarded = (hardLimit: HardLimit) =>
  trialOf({
    metrics: {
      primary: { type: 'mean', role: 'primary', direction: 'increase', window: '1d' },
      errors: { type: 'proportion', role: 'guardrail', direction: 'decrease', window: '1d' },
    },
    guardrails: [{ metric: 'errors', margin: { absolute: 0.02 }, class: 'critical', hardLimit }],
  })

const SILENT: MetricSummary = {
  closed: { n: 0, mean: 0, m2: 0 },
  current: { n: 0, mean: 0, m2: 0 },
  missing: 0,
}

/** An arm whose units come by the minute, each with an error or not. */
interface Course {
  readonly minutes: number
  readonly rateIn: (minute: number) => number
  /** Units without an error that came before. */
  readonly before?: number
}

/** The first minute at whose end the limit acts; null where none does. */
function firstMinute(
  { evaluate, random }: Setting,
  hardLimit: HardLimit,
  { minutes, rateIn, before = 0 }: Course,
): number | null {
  const experiment = guarded(hardLimit)
  const sums: MinuteSum[] = []
  let [n, errors] = [before, 0]
  for (let minute = 0; minute < minutes; minute++) {
    let failed = 0
    for (let i = 0; i < UNITS_A_MINUTE; i++) if (random.uniform() < rateIn(minute)) failed++
    sums.push([minute, UNITS_A_MINUTE, failed, UNITS_A_MINUTE])
    n += UNITS_A_MINUTE
    errors += failed
    const current = { n, mean: errors / n, m2: errors * (1 - errors / n) }
    const treatment = { closed: SILENT.closed, current, missing: 0, minutes: sums.slice(-100) }
    const arms = { primary: { control: SILENT, treatment: SILENT }, errors: { control: SILENT, treatment } }
    const asOf = (minute + 1) * MINUTE
    const units = { control: n, treatment: n }
    const { metrics } = evaluate(experiment, summaryOfMetrics(experiment, arms, { asOf, units }))
    if (metrics['errors']!.comparisons['treatment']!.guardrail!.hardLimit?.breached) return minute
  }
  return null
}

function countOf(setting: Setting, limit: HardLimit, course: Course, isHit: (minute: number) => boolean) {
  let hits = 0
  for (let i = 0; i < setting.trials; i++) {
    const minute = firstMinute(setting, limit, course)
    if (minute !== null && isHit(minute)) hits++
  }
  return { hits, trials: setting.trials }
}

const WORST = 0.3
const DAY = 1_440
const confirm = { breaches: 2, of: 3 }

/** A healthy arm for a day: what confirming saves. */
const healthy = (
  [
    ['minutely', 'read over the last minute', { within: '1m' }],
    ['minutely-confirmed', '… two of three minutes', { within: '1m', confirm }],
    ['five-minutes', '… over the last five', { within: '5m' }],
  ] as const
).map(
  ([name, what, limit]): Row => ({
    name: `hard-limits/healthy-${name}`,
    claim: `A healthy arm, 20 units a minute with a rate of 10 %, and a limit of 30 %, ${what}: acts within a day`,
    source,
    trials: { full: 200, short: 3 },
    run: (setting) =>
      shareShown(
        countOf(setting, { worst: WORST, ...limit }, { minutes: DAY, rateIn: () => 0.1 }, () => true),
      ),
  }),
)

const CATASTROPHE = { rateIn: (minute: number) => (minute < 10 ? 0.01 : 0.6), before: 1_000_000 }

const late = (
  [
    ['confirmed', 'two of three minutes', { within: '1m', confirm }, 3],
    ['five-minutes', 'the mean of the last five', { within: '5m' }, 4],
  ] as const
).map(
  ([name, what, limit, minutes]): Row => ({
    name: `hard-limits/late-${name}`,
    claim: `After 1,000,000 healthy units a rate of 60 %, and a limit of 30 % on ${what}: acts within ${minutes} minutes`,
    source: 'evaluate',
    trials: { full: 400, short: 20 },
    run: (setting) =>
      shareAtLeast(
        countOf(
          setting,
          { worst: WORST, ...limit },
          { ...CATASTROPHE, minutes: 10 + minutes },
          (minute) => minute >= 10,
        ),
        0.99,
      ),
  }),
)

/** Hard limits by the minute, through `evaluate`. */
export const hardLimitRows: readonly Row[] = [...healthy, ...late]
