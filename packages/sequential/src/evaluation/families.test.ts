import type { MetricDefinition, MetricFamily } from '@fairtrial/protocol'
import { emptyMoments } from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { ones, summaryOf, trial } from '../../test/trial.ts'
import { evaluate } from '../evaluate.ts'

const proportion = (role: MetricDefinition['role']): MetricDefinition => ({
  type: 'proportion',
  role,
  direction: 'increase',
  window: '10s',
})

function judge(family: Partial<MetricFamily>, likes = 2_250) {
  const experiment = trial({
    metrics: {
      started: proportion('primary'),
      likes: proportion('secondary'),
      shares: proportion('secondary'),
      saves: proportion('secondary'),
    },
    guardrails: [],
    analysis: {
      method: 'asymptotic-cs',
      tuneAt: 1_000,
      alpha: 0.04,
      families: { voice: { metrics: ['likes', 'shares', 'saves'], method: 'holm', ...family } },
    },
  })
  const control = ones(2_000, 10_000)
  const { metrics } = evaluate(
    experiment,
    summaryOf(experiment, {
      likes: { control, model: likes === 0 ? emptyMoments : ones(likes, 10_000) },
      shares: { control, model: ones(2_180, 10_000) },
      saves: { control, model: ones(2_030, 10_000) },
    }),
  )
  return {
    started: metrics['started']!.comparisons['model']!,
    likes: metrics['likes']!.comparisons['model']!,
    shares: metrics['shares']!.comparisons['model']!,
    saves: metrics['saves']!.comparisons['model']!,
  }
}

// p by the closed form of the normal mixture, corrected by statsmodels 0.15.0 multipletests; intervals by numpy.
const corrected: [MetricFamily['method'], number, number][] = [
  ['bonferroni', 0.003611341384706903, 0.2992425550054536],
  ['holm', 0.003611341384706903, 0.19949503667030238],
  ['hochberg', 0.003611341384706903, 0.19949503667030238],
  ['benjamini-hochberg', 0.003611341384706903, 0.1496212775027268],
  ['benjamini-yekutieli', 0.006620792538629322, 0.2743056754216658],
]

describe('a family', () => {
  it.each(corrected)('is judged by %s with the p of this look', (method, likes, shares) => {
    const judged = judge({ method })
    expect(judged.likes.anytimePValue).toBeCloseTo(0.0012037804615689677, 12)
    expect(judged.likes.adjusted).toMatchObject({ family: 'voice', method, isSignificant: true })
    expect(judged.likes.adjusted!.pValue).toBeCloseTo(likes, 12)
    expect(judged.shares.adjusted!.pValue).toBeCloseTo(shares, 12)
    expect(judged.saves.adjusted).toMatchObject({ pValue: 1, isSignificant: false })
    expect(judged.started).not.toHaveProperty('adjusted')
  })

  it('has intervals at the level that is left, and says what they promise', () => {
    const { interval, coverage } = judge({ method: 'bonferroni' }).likes.adjusted!
    expect(coverage).toBe('simultaneous')
    expect(interval.level).toBeCloseTo(1 - 0.04 / 3, 12)
    const [lower, upper] = interval.absolute as [number, number]
    expect(lower).toBeCloseTo(0.003477672858115625, 10)
    expect(upper).toBeCloseTo(0.04652232714188437, 10)
    expect(judge({ method: 'holm' }).likes.adjusted!.coverage).toBe('simultaneous-wider')
    const discovered = judge({ method: 'benjamini-hochberg' })
    // One of three is selected: the false-coverage-rate interval is that of Bonferroni.
    expect(discovered.likes.adjusted).toMatchObject({
      coverage: 'false-coverage-rate',
      interval: { level: expect.closeTo(1 - 0.04 / 3, 12), absolute: interval.absolute },
    })
    expect(discovered.shares.adjusted!.coverage).toBe('marginal')
  })

  it('agrees with its intervals: significant by Bonferroni exactly when zero is outside', () => {
    for (const likes of [2_100, 2_150, 2_200, 2_210, 2_220, 2_230, 2_300]) {
      const { interval, isSignificant } = judge({ method: 'bonferroni' }, likes).likes.adjusted!
      expect((interval.absolute as [number, number])[0] > 0).toBe(isSignificant)
    }
  })

  it('shares alpha by weights, and has its own', () => {
    const { likes, shares } = judge({ method: 'bonferroni', weights: { likes: 2 }, alpha: 0.02 })
    expect(likes.adjusted!.pValue).toBeCloseTo(0.0024075609231379354, 12)
    expect(shares.adjusted!.pValue).toBeCloseTo(0.39899007334060477, 12)
    expect(likes.adjusted!.interval.level).toBeCloseTo(1 - 0.02 / 2, 12)
  })

  it('counts a member that cannot be estimated, and says why it cannot', () => {
    const { likes, shares } = judge({ method: 'bonferroni' }, 0)
    expect(likes.adjusted).toMatchObject({
      pValue: { notEstimable: { code: 'no-data' } },
      isSignificant: false,
      interval: { absolute: { notEstimable: { code: 'no-data' } } },
    })
    expect(shares.adjusted!.pValue).toBeCloseTo(0.2992425550054536, 12)
  })
})
