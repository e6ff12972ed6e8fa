import { describe, expect, it } from 'vitest'
import { changed, problemsOf } from '../test/refusal.ts'

describe('a definition that does not hang together', () => {
  const wrong: [string, (definition: any) => void, string][] = [
    ['one variant', (d) => d.variants.pop(), 'variants: Must be at least 2 items'],
    [
      'a name twice',
      (d) => (d.variants[1].name = 'control'),
      'variants[1].name: "control" is a variant already.',
    ],
    [
      'a value twice',
      (d) => (d.variants[1].value = 'control'),
      'variants[1].value: "control" stands for another',
    ],
    [
      'an unknown metric',
      (d) => (d.hypothesis.metric = 'start'),
      'hypothesis.metric: "start" is not a metric.',
    ],
    [
      'two primaries',
      (d) => (d.metrics['watch-time'].role = 'primary'),
      'metrics: 2 metrics have the role primary',
    ],
    [
      'no primary',
      (d) => (d.metrics['start-rate'].role = 'secondary'),
      'metrics: No metric has the role primary.',
    ],
    [
      'a hypothesis on a secondary',
      (d) => (d.hypothesis.metric = 'watch-time'),
      'hypothesis.metric: "watch-time" has the role secondary.',
    ],
    [
      'another direction',
      (d) => (d.hypothesis.direction = 'decrease'),
      'hypothesis.direction: The hypothesis says decrease',
    ],
    [
      'an unguarded guardrail',
      (d) => d.guardrails.pop(),
      'metrics.latency.role: "latency" has the role guardrail, and no',
    ],
    [
      'two guardrails on one',
      (d) => (d.guardrails[1].metric = 'start-rate'),
      'guardrails[1].metric: "start-rate" has a guardrail already.',
    ],
    [
      'a margin of zero',
      (d) => (d.guardrails[0].margin = { relative: 0 }),
      'guardrails[0].margin.relative: Must be more than 0, not 0.',
    ],
    [
      'a margin of two kinds',
      (d) => (d.guardrails[0].margin = { relative: 1, absolute: 1 }),
      'guardrails[0].margin.relative: Does not go with what stands beside it: absolute.',
    ],
    [
      'an unknown action',
      (d) => (d.guardrails[0].action = 'kill'),
      'guardrails[0].action: Must be "abort" or "hold" or "alert", not "kill".',
    ],
    [
      'no lift',
      (d) => (d.hypothesis.minimumLift = { absolute: -1 }),
      'hypothesis.minimumLift.absolute: Must be more than 0, not -1.',
    ],
    [
      'a window of nothing',
      (d) => (d.metrics.latency.window = '0s'),
      'metrics.latency.window: Must be longer than nothing.',
    ],
    [
      'a duration without a unit',
      (d) => (d.hypothesis.horizon = '14'),
      'hypothesis.horizon: Must be a length of time',
    ],
    ['alpha 0', (d) => (d.analysis.alpha = 0), 'analysis.alpha: Must be at least 1e-12, not 0.'],
    ['tuneAt 0', (d) => (d.analysis.tuneAt = 0), 'analysis.tuneAt: Must be more than 0, not 0.'],
    [
      'a shrinking ramp',
      (d) => (d.ramp.stages[1].trafficPercent = 5),
      'ramp.stages[1].trafficPercent: 5 does not come after 5',
    ],
    [
      'five decimals',
      (d) => (d.ramp.stages[0].trafficPercent = 1.00001),
      'ramp.stages[0].trafficPercent: Must have at most four decimals',
    ],
    [
      'more than all',
      (d) => (d.ramp.stages[1].trafficPercent = 101),
      'ramp.stages[1].trafficPercent: Must be at most 100, not 101.',
    ],
    [
      'an empty slot',
      (d) => (d.layer = { name: 'a', fromPercent: 5, toPercent: 5 }),
      'layer.toPercent: The slot [5, 5) holds no unit.',
    ],
    [
      'zero for a mean of none',
      (d) => (d.metrics.latency.whenMissing = 'zero'),
      'metrics.latency.whenMissing: The mean of no values is not zero.',
    ],
    [
      'a fold of a proportion',
      (d) => (d.metrics['start-rate'].aggregate = 'max'),
      'metrics.start-rate.aggregate: A proportion has nothing to fold.',
    ],
    [
      'a share of a stranger',
      (d) => (d.analysis.alphaSplit = { 'start-rate': 1, x: 0.1 }),
      'analysis.alphaSplit.x: "x" is not a metric.',
    ],
    [
      'shares past one',
      (d) => {
        d.metrics['watch-time'].role = 'primary'
        d.analysis.alphaSplit = { 'start-rate': 0.7, 'watch-time': 0.5 }
      },
      'analysis.alphaSplit: The shares 0.7 + 0.5 = 1.2 pass 1.',
    ],
    [
      'a primary without a share',
      (d) => {
        d.metrics['watch-time'].role = 'primary'
        d.analysis.alphaSplit = { 'start-rate': 0.7 }
      },
      'analysis.alphaSplit.watch-time: The primary metric "watch-time" has no share.',
    ],
    [
      'a range without numbers',
      (d) => (d.eligibility = { attribute: 'age', range: { from: 2, below: 1 } }),
      'eligibility.range: Holds no number',
    ],
    [
      'half a version',
      (d) => (d.eligibility = { not: { attribute: 'app', semver: '>=2' } }),
      'eligibility.not.semver: Must be comparators',
    ],
    ['a misspelt condition', (d) => (d.eligibility = { attribute: 'app', equal: 2 }), 'eligibility'],
    [
      'itself excluded',
      (d) => (d.excludeExposedTo = ['home-ranking']),
      'excludeExposedTo[0]: Is this trial itself.',
    ],
    [
      'an event backwards',
      (d) => (d.externalEvents = [{ name: 'x', from: 2, to: 1 }]),
      'externalEvents[0].to: Ends before it begins.',
    ],
    ['a key with spaces', (d) => (d.key = 'home ranking'), 'key: Must be 1 to 128 of the characters'],
    [
      'a Date',
      (d) => (d.variants[0].config = { at: new Date(0) }),
      'variants[0].config.at: Is an instance of a class.',
    ],
    [
      'a function',
      (d) => (d.variants[0].config = { at: () => 1 }),
      'variants[0].config.at: Is of type function, which no data is.',
    ],
  ]

  it.each(wrong)('refuses %s', (_, change, problem) => {
    const problems = problemsOf(changed(change))
    expect(
      problems.some((text) => text.startsWith(problem)),
      problems.join('\n'),
    ).toBe(true)
  })
})
