import type { ExperimentDefinition, HardLimit, MetricSummary, MinuteSum, Moments } from '@fairtrial/protocol'
import { Evaluation, TrialSummary } from '@fairtrial/protocol'
import { emptyMoments } from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { ones, summaryOf, trial } from '../../test/trial.ts'
import { evaluate } from '../evaluate.ts'

const MINUTE = 60_000
/** Twenty seconds into minute 100. */
const NOW = 100 * MINUTE + 20_000

interface Given {
  readonly current?: Moments
  readonly closed?: Moments
  readonly minutes?: readonly MinuteSum[]
  readonly metric?: object
  readonly joint?: MetricSummary['joint']
}

/** What the hard limit on `errors` says of the model. */
function limitOn(limit: HardLimit, { current = emptyMoments, closed = emptyMoments, ...given }: Given) {
  const { metrics } = trial()
  const experiment = trial({
    metrics: { ...metrics, errors: { ...metrics['errors']!, ...given.metric } },
    guardrails: [{ metric: 'errors', margin: { absolute: 0.05 }, class: 'critical', hardLimit: limit }],
  } as Partial<ExperimentDefinition>)
  const summary = summaryOf(experiment, {})
  const model: MetricSummary = {
    closed,
    current,
    missing: 0,
    ...(given.joint && { currentJoint: given.joint }),
    ...(given.minutes && { minutes: given.minutes }),
  }
  const whole = {
    ...summary,
    asOf: NOW,
    metrics: { ...summary.metrics, errors: { ...summary.metrics['errors'], model } },
  }
  expect(TrialSummary.parse(whole)).toEqual(whole)
  const evaluation = evaluate(experiment, whole)
  expect(Evaluation.parse(evaluation)).toEqual(evaluation)
  const { interval, guardrail } = evaluation.metrics['errors']!.comparisons['model']!
  return { interval, guardrail, hardLimit: guardrail!.hardLimit }
}

/** A minute of so many units, of which so many had an error. */
const minute = (at: number, units: number, errors: number): MinuteSum => [at, units, errors, units]

describe('a hard limit within the last minutes', () => {
  const within = { worst: 0.3, within: '5m' } as const

  it('sees a catastrophe that comes after a million healthy units, which hide it in the mean', () => {
    const current = ones(1_100, 1_000_050)
    const late = [minute(96, 1_000, 1), minute(99, 30, 28), minute(100, 20, 19)]
    expect(limitOn({ worst: 0.3 }, { current }).hardLimit).toMatchObject({ breached: false })
    expect(limitOn({ ...within, within: '1m' }, { current, minutes: late }).hardLimit).toEqual({
      breached: true,
      mean: 0.94,
      units: 50,
      worst: 0.3,
      detail: '0.94 over 50 units of the last 1m; the worst allowed is 0.3.',
    })
    expect(limitOn(within, { current, minutes: late }).hardLimit).toMatchObject({
      breached: false,
      units: 1_050,
    })
  })

  it('FAULTS 60: acts in the first minute on 12 units, and stands while there is no interval', () => {
    const first = { current: ones(11, 12), minutes: [minute(100, 12, 11)] }
    const { interval, guardrail, hardLimit } = limitOn(within, first)
    expect(interval.absolute).toHaveProperty('notEstimable')
    expect(guardrail).toMatchObject({ verdict: 'unknown' })
    expect(hardLimit).toMatchObject({ breached: true, units: 12 })
    expect(limitOn(within, { current: ones(9, 9), minutes: [minute(100, 9, 9)] }).hardLimit).toBeUndefined()
  })

  it('does not act for ever on what is over, nor on a minute that has not come', () => {
    const over = [minute(93, 500, 500), minute(98, 40, 1), minute(104, 500, 500)]
    expect(limitOn(within, { current: ones(1_001, 1_040), minutes: over }).hardLimit).toMatchObject({
      breached: false,
      units: 40,
    })
    expect(limitOn(within, { current: ones(500, 500), minutes: [over[0]!] }).hardLimit).toBeUndefined()
  })

  it('reads all of the phase where a summary has no minutes, and acts: no evidence is no protection', () => {
    const both = { ...within, confirm: { breaches: 2, of: 3 } }
    expect(limitOn(both, { current: ones(11, 12) }).hardLimit).toEqual({
      breached: true,
      mean: 11 / 12,
      units: 12,
      worst: 0.3,
      detail: '0.9167 over 12 units; the worst allowed is 0.3.',
    })
  })

  it('reads a ratio above the line over below', () => {
    const metric = { type: 'ratio', denominator: { event: 'plays' } }
    const minutes: MinuteSum[] = [[100, 20, 30, 60]]
    expect(limitOn({ ...within, worst: 0.4 }, { metric, minutes }).hardLimit).toMatchObject({
      breached: true,
      mean: 0.5,
      units: 20,
    })
  })
})

describe('a hard limit that is confirmed', () => {
  const confirm = { breaches: 2, of: 3 }
  const minutely = { worst: 0.3, within: '1m', confirm } as const

  it('does not act on one bad minute of three, and does on two', () => {
    const bad = minute(98, 20, 19)
    const one = [minute(97, 20, 1), bad, minute(99, 20, 1)]
    expect(limitOn(minutely, { minutes: one }).hardLimit).toEqual({
      breached: false,
      mean: 0.05,
      units: 20,
      worst: 0.3,
      confirmed: { beyond: 1, readings: 3 },
      detail:
        '0.05 over 20 units of the last 1m; the worst allowed is 0.3, beyond it at 1 of the last 3 minutes where 2 act.',
    })
    expect(
      limitOn(minutely, { minutes: [minute(97, 20, 1), bad, minute(99, 20, 19)] }).hardLimit,
    ).toMatchObject({
      breached: true,
      confirmed: { beyond: 2, readings: 3 },
    })
  })

  it('counts full minutes only, and none that has too few units', () => {
    const running = [minute(99, 20, 20), minute(100, 20, 20)]
    expect(limitOn(minutely, { minutes: running }).hardLimit).toMatchObject({
      breached: false,
      confirmed: { beyond: 1, readings: 1 },
    })
    const thin = [minute(98, 9, 9), minute(99, 20, 20)]
    expect(limitOn(minutely, { minutes: thin }).hardLimit).toMatchObject({
      breached: false,
      confirmed: { beyond: 1, readings: 1 },
    })
    expect(limitOn(minutely, { minutes: [minute(100, 20, 20)] }).hardLimit).toBeUndefined()
  })

  it('reads all of the phase as it stood at the end of each minute', () => {
    const limit = { worst: 0.3, confirm: { breaches: 2, of: 2 } }
    const readAt = (last: MinuteSum, errors: number) =>
      limitOn(limit, { current: ones(20 + errors + last[2], 100 + last[1]), minutes: [last] }).hardLimit
    // 0.2 until minute 99, beyond 0.3 with it: once. Beyond it before, too: twice.
    expect(readAt(minute(99, 40, 30), 0)).toMatchObject({
      breached: false,
      confirmed: { beyond: 1, readings: 2 },
    })
    expect(readAt(minute(99, 40, 30), 20)).toMatchObject({
      breached: true,
      confirmed: { beyond: 2, readings: 2 },
    })
  })

  it('reads a ratio as it stood, too', () => {
    const metric = { type: 'ratio', denominator: { event: 'plays' } }
    const joint = {
      n: 40,
      means: [1, 2],
      products: [
        [0, 0],
        [0, 0],
      ],
    }
    const limit = { worst: 0.4, confirm: { breaches: 1, of: 2 } }
    const minutes: MinuteSum[] = [[99, 20, 30, 10]]
    // 40 over 80 with the last minute, 10 over 70 without it.
    const current = { n: 40, mean: 0.5, m2: 1 }
    expect(limitOn(limit, { metric, joint, current, minutes }).hardLimit).toMatchObject({
      mean: 0.5,
      units: 40,
      confirmed: { beyond: 1, readings: 2 },
    })
  })

  it('waits for windows where more is better', () => {
    const metric = { direction: 'increase', type: 'proportion' }
    const minutes = [minute(98, 30, 1), minute(99, 30, 2)]
    const { hardLimit } = limitOn(minutely, { metric, current: ones(0, 500), minutes })
    expect(hardLimit).toMatchObject({ breached: true, units: 30, confirmed: { beyond: 2, readings: 2 } })
    expect(hardLimit!.detail).toMatch(/^6.667 % over 30 units .* the worst allowed is 30 %/)
  })
})
