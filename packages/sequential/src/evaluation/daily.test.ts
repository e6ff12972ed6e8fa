import type { EffectSize, MetricSummary, Moments } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { summaryOf, trial } from '../../test/trial.ts'
import { evaluate } from '../evaluate.ts'
import { evaluateDaily } from './daily.ts'

const N = 4_000
const moments = (mean: number, variance = 1): Moments => ({ n: N, mean, m2: variance * (N - 1) })

/** Control has 10 a day; treatment what is added on each day, with a slope of its own. */
function tell(
  effects: readonly number[],
  slope: Moments,
  { threshold, controlSlope = 1 }: { threshold?: EffectSize; controlSlope?: number } = {},
) {
  const arm = (days: readonly number[], slope: Moments): MetricSummary => ({
    closed: moments(10 * days.length),
    current: moments(10 * days.length),
    missing: 0,
    daily: { days: days.map((mean) => moments(mean)), slope },
  })
  return evaluateDaily(
    arm(
      effects.map(() => 10),
      moments(0, controlSlope),
    ),
    arm(
      effects.map((effect) => 10 + effect),
      slope,
    ),
    { alpha: 0.04, tuneAt: 1_000, threshold },
  )!
}

describe('the effect by day', () => {
  it('has a slope, tested at every look', () => {
    // The normal mixture's closed form in Python: units' slopes 0 and −0.2 with variances 1 and 1.21, 4,000 units an arm.
    const { days, slope, longRun } = tell([1, 0.8, 0.6, 0.4, 0.2], moments(-0.2, 1.21))
    expect(slope.perDay).toBeCloseTo(-0.2, 12)
    const [lower, upper] = slope.interval as [number, number]
    expect(lower).toBeCloseTo(-0.27732949599845186, 10)
    expect(upper).toBeCloseTo(-0.12267050400154816, 10)
    expect(days.map(({ effect }) => effect)).toEqual(
      [1, 0.8, 0.6, 0.4, 0.2].map((x) => expect.closeTo(x, 12)),
    )
    expect(longRun).toBeCloseTo(0.3, 12)
  })

  it('decays towards zero, or grows away from it, whatever its sign', () => {
    const down = moments(-0.2, 1.21)
    const up = moments(0.2, 1.21)
    expect(tell([1, 0.8, 0.6, 0.4, 0.2], down).verdict).toBe('decays')
    expect(tell([0.2, 0.4, 0.6], up).verdict).toBe('grows')
    expect(tell([-1, -0.8, -0.6], up).verdict).toBe('decays')
    expect(tell([-0.2, -0.4, -0.6], down).verdict).toBe('grows')
  })

  it('is stable when what changes makes no difference, and unknown when nobody can say', () => {
    // Over four days the slope's interval, ±0.0157, moves the effect by 0.063 at most: half of 2 % of 10 a day is 0.1.
    const flat = moments(0.001, 0.04)
    const effects = [0.3, 0.3, 0.3, 0.3, 0.3]
    expect(tell(effects, flat, { threshold: { relative: 0.02 }, controlSlope: 0.04 }).verdict).toBe('stable')
    expect(tell(effects, flat, { threshold: { absolute: 1 }, controlSlope: 0.04 }).verdict).toBe('stable')
    expect(tell(effects, flat, { threshold: { relative: 0.01 }, controlSlope: 0.04 }).verdict).toBe('unknown')
    expect(tell(effects, flat, { controlSlope: 0.04 }).verdict).toBe('unknown')
    const none = tell(effects, { n: 1, mean: 0, m2: 0 })
    expect(none.verdict).toBe('unknown')
    expect(none.slope.perDay).toMatchObject({ notEstimable: { code: 'too-few-units' } })
  })

  it('is told of a metric that is folded by day', () => {
    const experiment = trial({
      metrics: {
        started: { type: 'count', role: 'primary', direction: 'increase', window: '3d', byDay: true },
      },
      guardrails: [],
    } as object)
    const cell = (effect: number): MetricSummary => ({
      closed: moments(30 + effect),
      current: moments(30 + effect),
      missing: 0,
      daily: { days: [10, 10, 10].map((each) => moments(each + effect / 3)), slope: moments(0) },
    })
    const summary = summaryOf(experiment, {})
    const metrics = { started: { control: cell(0), model: cell(3) } }
    const { daily } = evaluate(experiment, { ...summary, metrics }).metrics['started']!
    expect(daily!['model']!.days).toHaveLength(3)
    expect(daily!['model']!.longRun).toBeCloseTo(1, 12)
  })
})
