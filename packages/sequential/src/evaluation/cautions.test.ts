import type { CautionCode, ExperimentDefinition, MetricCaution, Moments } from '@fairtrial/protocol'
import { momentsOf } from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { ones, summaryOf, trial } from '../../test/trial.ts'
import { evaluate } from '../evaluate.ts'
import { createRandom } from '../simulation/random.ts'
import { baselineCautions } from './baseline-cautions.ts'

type Changes = Partial<ExperimentDefinition>
type Arms = { readonly control: Moments; readonly model: Moments }

const plain = trial()

/** The plan with something changed in one of its metrics. */
function changed(name: string, metric: object, changes: Changes = {}) {
  return trial({
    ...changes,
    metrics: { ...plain.metrics, [name]: { ...plain.metrics[name], ...metric } },
  } as Changes)
}

function cautionsOf(
  experiment: ReturnType<typeof trial>,
  metric: string,
  arms: Arms,
): readonly MetricCaution[] {
  return evaluate(experiment, summaryOf(experiment, { [metric]: arms })).metrics[metric]!.cautions ?? []
}

const codesOf = (...args: Parameters<typeof cautionsOf>): readonly CautionCode[] =>
  cautionsOf(...args).map(({ code }) => code)

/** So many units with this mean and this sample variance. */
const units = (n: number, mean: number, variance: number): Moments => ({ n, mean, m2: (n - 1) * variance })

describe('what is too good', () => {
  it('is five times the smallest lift worth having, on either side, once the interval leaves zero', () => {
    // 5 × 2 % of 0.4 are 4 points.
    const against = (successes: number) => ({
      control: ones(40_000, 100_000),
      model: ones(successes, 100_000),
    })
    expect(codesOf(plain, 'started', against(43_990))).toEqual([])
    expect(codesOf(plain, 'started', against(44_010))).toEqual(['too-good'])
    expect(codesOf(plain, 'started', against(35_990))).toEqual(['too-good'])
    expect(codesOf(plain, 'started', { control: ones(40, 100), model: ones(50, 100) })).not.toContain(
      'too-good',
    )
    expect(cautionsOf(plain, 'started', against(50_000))).toEqual([
      {
        code: 'too-good',
        variant: 'model',
        detail:
          "An effect of 25 % is 12.5 times the smallest lift worth having, 2 %: a figure that stands out so far is usually wrong (Twyman's law).",
        remedy: expect.stringContaining('Look for a fault first'),
      },
    ])
  })

  it('is held against a lift in the unit of the metric where the plan has it so', () => {
    const absolute = trial({ hypothesis: { ...plain.hypothesis, minimumLift: { absolute: 0.01 } } })
    const against = (successes: number) => ({
      control: ones(40_000, 100_000),
      model: ones(successes, 100_000),
    })
    expect(codesOf(absolute, 'started', against(44_990))).toEqual([])
    const [caution] = cautionsOf(absolute, 'started', against(45_010))
    expect(caution!.detail).toContain(
      'An effect of 5.01 points is 5.01 times the smallest lift worth having, 1 point',
    )
  })

  it('is half of control of any other metric, and no chance', () => {
    const against = (n: number, mean: number) => ({ control: units(n, 10, 100), model: units(n, mean, 100) })
    expect(codesOf(plain, 'watched', against(10_000, 14.99))).toEqual([])
    expect(codesOf(plain, 'watched', against(10_000, 15.01))).toEqual(['too-good'])
    // t is 5.01 / 10 · √(n / 2): a p of 1e-6 lies at 4.89, between 190 and 195 units an arm.
    expect(codesOf(plain, 'watched', against(185, 15.01))).toEqual([])
    expect(codesOf(plain, 'watched', against(200, 15.01))).toEqual(['too-good'])
  })
})

describe('a control unlike the baseline', () => {
  const watched = (baseline: object) => changed('watched', { baseline })
  /** The treatment is as control is, so that nothing is told of it. */
  const same = (arm: Moments) => ({ control: arm, model: arm })

  it('has a variance that is off by half, and by no chance', () => {
    const plan = watched({ mean: 20, variance: 100 })
    expect(codesOf(plan, 'watched', same(units(5_000, 20, 149)))).toEqual([])
    expect(codesOf(plan, 'watched', same(units(5_000, 20, 151)))).toEqual(['variance-off'])
    expect(codesOf(plan, 'watched', same(units(5_000, 20, 67)))).toEqual([])
    expect(codesOf(plan, 'watched', same(units(5_000, 20, 66)))).toEqual(['variance-off'])
    const [caution] = cautionsOf(plan, 'watched', same(units(5_000, 20, 250)))
    expect(caution).toEqual({
      code: 'variance-off',
      detail:
        "The variance of 5000 units of control, 250, is 2.5 times the baseline's, 100: so are the units that the trial takes.",
      remedy: expect.stringContaining('Plan that many times the units'),
    })
  })

  it('has units enough for its variance to be known, the more the more skewed it is', () => {
    // Lognormal with this mean and variance: w = 1.4, kurtosis − 1 = 11.21; 4 √(11.21 / n) is 0.6 at 498.
    const plan = watched({ mean: 20, variance: 100 })
    expect(codesOf(plan, 'watched', same(units(480, 20, 160)))).toEqual([])
    expect(codesOf(plan, 'watched', same(units(515, 20, 160)))).toEqual(['variance-off'])
    const known = watched({ mean: 20, variance: 100, units: 400 })
    expect(codesOf(known, 'watched', same(units(515, 20, 160)))).toEqual([])
    const skewed = watched({ mean: 5, variance: 100 })
    // w = 7.4, kurtosis − 1 = 3,970: 176,000 units.
    expect(codesOf(skewed, 'watched', same(units(172_000, 5, 160)))).toEqual([])
    expect(codesOf(skewed, 'watched', same(units(180_000, 5, 160)))).toEqual(['variance-off'])
  })

  it('has a variance that is off by chance in few trials, however skewed', () => {
    const random = createRandom(3)
    const baseline = { mean: Math.exp(0.5), variance: Math.exp(2) - Math.exp(1) }
    const alarms = Array.from({ length: 1_000 }, () => {
      const arm = momentsOf(Array.from({ length: 2_000 }, () => Math.exp(random.normal())))
      const variance = arm.m2 / (arm.n - 1)
      const told = { n: arm.n, mean: arm.mean, variance, current: { n: 0, mean: 0 }, missing: 0 }
      return [...baselineCautions(told, baseline, { ...plain.metrics['watched']!, baseline })].length
    })
    expect(alarms.filter((cautions) => cautions > 0).length).toBeLessThanOrEqual(10)
  })

  it('has counts and shares, whose kurtosis is known, judged sooner', () => {
    const errors = changed('errors', { baseline: { mean: 0.1, variance: 0.1 } })
    // Overdispersed to 0.2: 2 + 6 · 0.1 / 0.01 + 5 = 67; 4 √(67 / n) is 1 at 1,072.
    expect(codesOf(errors, 'errors', same(units(1_040, 0.1, 0.2)))).toEqual([])
    expect(codesOf(errors, 'errors', same(units(1_100, 0.1, 0.2)))).toEqual(['variance-off'])
    // Somebody recorded a standard deviation.
    const started = changed('started', { baseline: { mean: 0.5, variance: 0.5 } })
    expect(codesOf(started, 'started', same(ones(500_000, 1_000_000)))).toEqual(['variance-off'])
  })

  it('has a mean that is a quarter away, and four standard errors', () => {
    const plan = watched({ mean: 20, variance: 100 })
    expect(codesOf(plan, 'watched', same(units(5_000, 24.9, 100)))).toEqual([])
    expect(codesOf(plan, 'watched', same(units(5_000, 25.1, 100)))).toEqual(['mean-off'])
    expect(codesOf(plan, 'watched', same(units(5_000, 14.9, 100)))).toEqual(['mean-off'])
    const rare = changed('started', { baseline: { mean: 0.01, variance: 0.0099 } })
    // 0.01 more is four standard errors from 0.0196 · 16 / 0.0001 = 3,136 units on.
    expect(codesOf(rare, 'started', same(ones(60, 3_000)))).not.toContain('mean-off')
    expect(codesOf(rare, 'started', same(ones(66, 3_300)))).toContain('mean-off')
    const [caution] = cautionsOf(plan, 'watched', same(units(5_000, 30, 100)))
    expect(caution!.detail).toBe(
      "Control's mean of 5000 units is 30, 50 % above the baseline's 20: another population, or another definition, than the plan was made with.",
    )
    const around = watched({ mean: 0, variance: 100 })
    expect(codesOf(around, 'watched', same(units(5_000, 2.4, 100)))).toEqual([])
    expect(codesOf(around, 'watched', same(units(5_000, 2.6, 100)))).toEqual(['mean-off'])
  })

  it('is not told of a handful, nor where nothing was recorded', () => {
    const recorded = { baseline: { mean: 200, variance: 100 } }
    expect(codesOf(changed('watched', recorded), 'watched', same(units(99, 20, 100)))).toEqual([])
    expect(codesOf(changed('watched', recorded), 'watched', same(units(100, 20, 100)))).toEqual(['mean-off'])
    expect(codesOf(plain, 'watched', same(units(5_000, 20, 100)))).toEqual([])
  })
})

describe('a trial that is too small for what pays', () => {
  const paying = (absolute: number, analysis: object = {}) =>
    changed('watched', { practicalThreshold: { absolute } }, {
      analysis: { ...plain.analysis, ...analysis },
    } as Changes)
  const arms = (n: number) => ({ control: units(n, 20, 100), model: units(n, 20, 100) })

  it('is told by the end that is planned, from the spread of now', () => {
    // 20,000 units: 10 √(4 / 20,000) = 0.1414; (2.054 + 0.842) · 0.1414 = 0.4095 at a level of 96 %.
    const end = { method: 'group-sequential', maximumUnits: 20_000 }
    expect(codesOf(paying(0.206, end), 'watched', arms(500))).toEqual([])
    expect(codesOf(paying(0.203, end), 'watched', arms(500))).toEqual(['insensitive'])
    expect(codesOf(paying(0.1, end), 'watched', arms(99))).toEqual([])
    expect(codesOf(paying(0.1, end), 'watched', arms(100))).toEqual(['insensitive'])
    const [caution] = cautionsOf(paying(0.1, end), 'watched', arms(500))
    expect(caution).toEqual({
      code: 'insensitive',
      variant: 'model',
      detail:
        '20000 units find an effect of 0.4095 in four trials of five, 4.09 times the lift that pays, 0.1, which they mostly miss.',
      remedy: expect.stringContaining('It takes about 335000 units'),
    })
  })

  it('is not told of an effect that has been found', () => {
    const plan = paying(0.1, { method: 'group-sequential', maximumUnits: 20_000 })
    const against = (mean: number) => ({ control: units(500, 20, 100), model: units(500, mean, 100) })
    expect(codesOf(plan, 'watched', against(21))).toEqual(['insensitive'])
    expect(codesOf(plan, 'watched', against(29))).toEqual([])
  })

  it('is told by what this look finds, once there is no more to wait for', () => {
    const experiment = paying(0.5)
    const { detectable } = evaluate(experiment, summaryOf(experiment, { watched: arms(2_000) })).metrics[
      'watched'
    ]!.comparisons['model']!
    expect(detectable).toBeGreaterThan(1)
    expect(codesOf(paying((detectable as number) / 2.01), 'watched', arms(2_000))).toEqual(['insensitive'])
    expect(codesOf(paying((detectable as number) / 1.99), 'watched', arms(2_000))).toEqual([])
  })

  it("is told of the hypothesis' metric by the smallest lift worth having", () => {
    const end = (maximumUnits: number) =>
      trial({ analysis: { method: 'group-sequential', maximumUnits, alpha: 0.05 } })
    const half = { control: ones(200, 500), model: ones(200, 500) }
    // (1.96 + 0.842) · √(0.24 · 4 / n) is 0.016, twice 2 % of 0.4, at 29,400 units.
    expect(codesOf(end(29_000), 'started', half)).toEqual(['insensitive'])
    expect(codesOf(end(30_000), 'started', half)).toEqual([])
  })
})
