import { describe, expect, it } from 'vitest'
import { makeEvaluation, makeExperiment } from '../test/fixture.ts'
import { attribute, type MeasuredRollout } from './attribution.ts'
import { startRollout } from './start.ts'

/** A rollout of one treatment at a share of traffic, whose `started` differs by so many points. */
function rollout(
  key: string,
  trafficPercent: number,
  [lower, estimate, upper]: readonly [number, number, number],
  change: Parameters<typeof makeExperiment>[0] = {},
): MeasuredRollout {
  const experiment = makeExperiment({ key, ...change })
  const evaluation = makeEvaluation(experiment, 1_000, 500)
  const comparison = evaluation.metrics['started']!.comparisons['model']!
  const started = {
    ...evaluation.metrics['started']!,
    comparisons: {
      model: {
        ...comparison,
        effect: { ...comparison.effect, absolute: estimate },
        interval: { ...comparison.interval, absolute: [lower, upper] as const },
      },
    },
  }
  return {
    experiment,
    state: { ...startRollout(experiment, { now: 0 }), trafficPercent },
    evaluation: { ...evaluation, metrics: { ...evaluation.metrics, started } },
  }
}

const harmful = rollout('harmful', 50, [-0.06, -0.04, -0.02])
const tiny = rollout('tiny', 1, [-0.5, -0.4, -0.3])
const good = rollout('good', 100, [0.01, 0.02, 0.03])
const unclear = rollout('unclear', 100, [-0.01, 0, 0.01])

describe('attribute', () => {
  it('FAULTS 68: takes no name that every object has for a metric', () => {
    for (const name of ['toString', 'constructor', '__proto__']) {
      const { ranked, unranked } = attribute(name, [harmful], 5_000)
      expect(ranked).toEqual([])
      expect(unranked).toMatchObject([{ variant: null, reason: `harmful does not measure ${name}.` }])
    }
  })

  it('ranks by what each adds over everybody, the most harmful first, and not by the largest effect', () => {
    const report = attribute('started', [good, tiny, unclear, harmful], 5_000)
    expect(report.ranked.map(({ experiment, verdict }) => [experiment, verdict])).toEqual([
      ['harmful', 'harms'],
      ['tiny', 'harms'],
      ['unclear', 'unclear'],
      ['good', 'helps'],
    ])
    const [first] = report.ranked
    expect(first).toMatchObject({ share: 0.25, effect: { estimate: -0.04, lower: -0.06, upper: -0.02 } })
    expect(first?.contribution.estimate).toBeCloseTo(-0.01, 12)
    expect(first?.contribution.lower).toBeCloseTo(-0.015, 12)
    expect(first?.sentence).toBe(
      'harmful, model: started differs from control by -4 points (-6 points to -2 points) among 25 % of units, -1 points over all.',
    )
    expect(report.unranked).toEqual([])
  })

  it('ranks what should decrease the other way round, and finds a metric by its event', () => {
    const make = (key: string, estimate: number) => {
      const made = rollout(key, 100, [0, 0, 0])
      const latency = made.experiment.metrics['latency']!
      const experiment = {
        ...made.experiment,
        metrics: { ...made.experiment.metrics, latency: { ...latency, event: 'ms' } },
      }
      const told = made.evaluation!.metrics['latency']!
      const model = {
        ...told.comparisons['model']!,
        effect: { absolute: estimate, relative: 0 },
        interval: { ...told.comparisons['model']!.interval, absolute: [estimate - 1, estimate + 1] as const },
      }
      const evaluation = {
        ...made.evaluation!,
        metrics: { ...made.evaluation!.metrics, latency: { ...told, comparisons: { model } } },
      }
      return { ...made, experiment, evaluation }
    }
    const { ranked } = attribute('ms', [make('quicker', -5), make('slower', 5)], 0)
    expect(ranked.map(({ experiment, metric, verdict }) => [experiment, metric, verdict])).toEqual([
      ['slower', 'latency', 'harms'],
      ['quicker', 'latency', 'helps'],
    ])
  })

  it('counts the share by weights, layer and holdout; what bakes is served to all but the holdback', () => {
    const change = {
      variants: [
        { name: 'control', weight: 3 },
        { name: 'model', weight: 1 },
      ],
      layer: { name: 'home', fromPercent: 20, toPercent: 60 },
      holdout: { name: 'half-year', percent: 5 },
    }
    const enrolled = rollout('a', 50, [-1, -1, -1], change)
    expect(attribute('started', [enrolled], 0).ranked[0]?.share).toBeCloseTo(0.9 * 0.4 * 0.5 * 0.25, 12)
    const baking: MeasuredRollout = {
      ...harmful,
      state: { ...harmful.state, status: 'baking', trafficPercent: 10, shippedVariant: 'model' },
    }
    expect(attribute('started', [baking], 0).ranked[0]?.share).toBeCloseTo(0.95, 12)
  })

  it('clears nobody whom it cannot rank: it says why, beside the others', () => {
    const none = { ...good, experiment: { ...good.experiment, key: 'none' }, evaluation: null }
    const elsewhere = { ...good, experiment: makeExperiment({ key: 'elsewhere', metrics: {} }) }
    const over = { ...harmful, state: { ...harmful.state, status: 'aborted' as const, trafficPercent: 0 } }
    const open = { ...good, state: { ...good.state, status: 'holding' as const, awaitsStart: true } }
    const quantile = { ...good, experiment: { ...good.experiment, key: 'p95' } }
    const { started } = good.experiment.metrics
    quantile.experiment.metrics = { started: { ...started!, type: 'quantile', quantile: 0.95 } } as never
    const report = attribute('started', [none, elsewhere, over, open, quantile], 0)
    expect(report.ranked).toEqual([])
    expect(report.unranked).toEqual([
      { experiment: 'none', variant: 'model', reason: 'There is no comparison of model of none yet.' },
      { experiment: 'elsewhere', variant: null, reason: 'elsewhere does not measure started.' },
      { experiment: 'p95', variant: null, reason: expect.stringMatching(/quantile/) },
    ])
  })

  it('gives no interval where there is none, and calls it unclear', () => {
    const evaluation = structuredClone(harmful.evaluation!)
    const comparison = evaluation.metrics['started']!.comparisons['model']!
    Object.assign(comparison.interval, { absolute: { notEstimable: { code: 'unbounded', detail: 'x' } } })
    expect(attribute('started', [{ ...harmful, evaluation }], 0).ranked).toMatchObject([
      { verdict: 'unclear', contribution: { estimate: -0.01, lower: null, upper: null } },
    ])
  })

  it('says what it cannot say', () => {
    expect(attribute('started', [harmful], 0).limits).toHaveLength(2)
    const two = attribute('started', [harmful, rollout('b', 1, [-1, 0, 1], { trigger: 'met' })], 0).limits
    expect(two.join(' ')).toMatch(/first of 2 treatments .* act on each other.* upper bound/)
  })
})
