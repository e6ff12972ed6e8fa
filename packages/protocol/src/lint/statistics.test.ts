import { describe, expect, it } from 'vitest'
import { homeRanking } from '../../test/home-ranking.ts'
import { parseDefinition } from '../define.ts'
import { lint } from '../lint.ts'

type Edit = (definition: any) => void

function findingsOf(edit: Edit) {
  const definition = structuredClone(homeRanking)
  edit(definition)
  return lint(parseDefinition(definition))
}

/** Enough units for the lift that the fixture hopes for, 0.42 × 0.02. */
const maximumUnits = 120_000
const scheduled = { method: 'group-sequential', maximumUnits, looks: [0.3, 0.6, 1] }
const bayesian = {
  prior: { scale: 'relative', mean: 0, standardDeviation: 0.05 },
  stopWhen: { chanceToBeat: 0.95 },
}
const posterior = (fields: object) => ({
  method: 'bayesian',
  tuneAt: 9,
  bayesian: { ...bayesian, ...fields },
})

const plan =
  (analysis: object): Edit =>
  (d) => {
    d.analysis = analysis
  }
const weights =
  (control: number, treatment: number, more: Edit = () => {}): Edit =>
  (d) => {
    d.variants[0].weight = control
    d.variants[1].weight = treatment
    for (const guardrail of d.guardrails) guardrail.evidence = { minimumUnits: 1_000 }
    more(d)
  }
const metric =
  (fields: object, more: Edit = () => {}): Edit =>
  (d) => {
    d.metrics.x = { type: 'mean', role: 'exploratory', direction: 'increase', window: '2d', ...fields }
    more(d)
  }
const secondary: Edit = (d) => (d.metrics.x = { ...d.metrics['watch-time'], type: 'count' })
const guarded =
  (minimumUnits: number): Edit =>
  (d) =>
    d.guardrails.push({
      metric: 'x',
      margin: { relative: 0.1 },
      action: 'hold',
      evidence: { minimumUnits },
    })
const p99 = { type: 'quantile', quantile: 0.99, direction: 'decrease', window: '1h' }
const crashes = { type: 'proportion', direction: 'decrease', window: '1h' }
const ratio = { type: 'ratio', denominator: { event: 'page-view' } }
const baseline = (mean: number, variance: number) => ({ baseline: { mean, variance } })

describe('lint, of the statistics', () => {
  it.each<[code: string, path: string, arithmetic: string, Edit]>([
    [
      'looks-at-fixed-horizon',
      'analysis.method',
      'A ramp of 2 stages is watched all along, and fixed-horizon reads the primary metric once, at 120000 units',
      plan({ method: 'fixed-horizon', maximumUnits }),
    ],
    [
      'no-schedule',
      'analysis.looks',
      'at 24000, 48000, 72000, 96000, 120000 units',
      plan({ method: 'hybrid', maximumUnits }),
    ],
    [
      'clustered-looks',
      'analysis.maximumUnits',
      'timed by clusters, 120000 household in all',
      (d) => {
        plan(scheduled)(d)
        d.cluster = { unitType: 'household', attribute: 'household' }
      },
    ],
    [
      'many-looks',
      'analysis.looks',
      '24 looks are one about every 5000 units',
      plan({ ...scheduled, looks: 24 }),
    ],
    [
      'early-spending',
      'analysis.spending',
      'lan-demets-pocock spends alpha evenly',
      plan({ ...scheduled, spending: { type: 'lan-demets-pocock' } }),
    ],
    [
      'early-spending',
      'analysis.spending',
      'kim-demets spends alpha evenly',
      plan({ ...scheduled, spending: { type: 'kim-demets', power: 1 } }),
    ],
    [
      'early-spending',
      'analysis.spending',
      'hwang-shih-decani spends alpha evenly',
      plan({ ...scheduled, spending: { type: 'hwang-shih-decani', gamma: 0 } }),
    ],
    [
      'unused-end',
      'analysis.maximumUnits',
      'an end, at 120000 units',
      plan({ method: 'asymptotic-cs', maximumUnits }),
    ],
    [
      'tuned-past-end',
      'analysis.tuneAt',
      'tightest at 130000 units, and the trial ends at 120000',
      plan({ ...scheduled, tuneAt: 130_000 }),
    ],
    [
      'end-past-horizon',
      'analysis.maximumUnits',
      '120000 / (8000 × 50 % × 100 %) = 30 days or more, and 0.04167 until the last window has closed: past the horizon, 28d',
      plan({ ...scheduled, expectedUnitsPerDay: 8_000 }),
    ],
    [
      'underpowered',
      'analysis.maximumUnits',
      '2 × 16 × 0.2436 / 0.0084² = 110477 units',
      plan({ ...scheduled, maximumUnits: 53_000 }),
    ],
    [
      'no-simulated-error-rate',
      'analysis.bayesian.simulatedErrorRate',
      'Nothing holds the error',
      plan(posterior({})),
    ],
    [
      'high-simulated-error-rate',
      'analysis.bayesian.simulatedErrorRate',
      'wins 12.3 %, more than alpha, 5 %',
      plan(posterior({ simulatedErrorRate: 0.123 })),
    ],
    [
      'generous-attempts',
      'analysis.attempts',
      'may spend 1 + 1, and then 1 by halves, = 3 times alpha: 15 % on',
      plan({ ...scheduled, attempts: [1, 1] }),
    ],
    [
      'unadjusted-secondaries',
      'analysis.families',
      'watch-time, x are each judged as if they were the only one: of trials without any effect up to 2 × 0.05 = 10 %',
      secondary,
    ],
    [
      'heavy-tail',
      'metrics.x.cap',
      'before the trial, 160, is 40 times its squared mean',
      metric(baseline(2, 160)),
    ],
    [
      'heavy-tail',
      'metrics.x.cap',
      'is 900 times its squared mean',
      metric({ type: 'count', ...baseline(0.1, 9) }),
    ],
    [
      'unclustered-ratio',
      'cluster',
      'A person has many units of type pageView, and they are alike',
      metric(ratio, (d) => (d.unitType = 'pageView')),
    ],
    [
      'many-segments',
      'dimensions.city.maximumSegments',
      '50 segments of city share the error, so that each is told at 0.001 at the most',
      (d) => (d.dimensions = { city: { known: 'before-exposure', maximumSegments: 50 } }),
    ],
    [
      'unreachable',
      'hypothesis.minimumLift',
      'start-rate cannot move so far: 0.42 + 2 = 2.42',
      (d) => (d.hypothesis.minimumLift = { absolute: 2 }),
    ],
    [
      'unreachable',
      'guardrails[0].margin',
      '0.42 − 0.5 = -0.08',
      (d) => (d.guardrails[0].margin = { absolute: 0.5 }),
    ],
    [
      'unreachable',
      'metrics.x.practicalThreshold',
      '0.9 × (1 + 0.2) = 1.08',
      metric({ type: 'proportion', ...baseline(0.9, 0.09), practicalThreshold: { relative: 0.2 } }),
    ],
    [
      'unreachable',
      'metrics.x.practicalThreshold',
      '1 − 2 = -1',
      metric({ type: 'proportion', direction: 'decrease', practicalThreshold: { absolute: 2 } }),
    ],
    [
      'sparse-quantile',
      'guardrails[2].evidence.minimumUnits',
      'Of 900 units, 900 × 0.01 = 9 lie beyond the quantile 0.99 of x',
      metric(p99, guarded(900)),
    ],
    [
      'sparse-events',
      'metrics.x',
      'Of 900 units, 900 × 0.011 = 9.9 have an event of x',
      metric({ ...crashes, ...baseline(0.011, 0.0109) }, guarded(900)),
    ],
    [
      'bursts-of-events',
      'metrics.x.maximumEvents',
      'One unit with many events of x counts as many',
      metric({ ...crashes, type: 'count', rareEvents: true, maximumEvents: 5 }),
    ],
    [
      'unequal-arms',
      'variants[1].weight',
      'control and session-model are 9 : 1: for the same precision the two take (1 + 9)² / (4 × 9) = 2.778 times',
      weights(9, 1),
    ],
  ])('tells of %s at %s: %s', (code, path, arithmetic, edit) => {
    const findings = findingsOf(edit)
    expect(findings.map((finding) => [finding.code, finding.path])).toEqual([[code, path]])
    expect(findings[0]!.detail).toContain(arithmetic)
    expect(findings[0]!.detail).toMatch(/\.$/)
    expect(findings[0]!.remedy).toMatch(/\.$/)
  })

  it.each<[string, Edit]>([
    ['a schedule that somebody has made', plan(scheduled)],
    [
      'the default looks, where the days are known',
      plan({ ...scheduled, looks: 5, expectedUnitsPerDay: 10_000 }),
    ],
    [
      'a fixed horizon without a ramp to watch',
      (d) => {
        d.analysis = { method: 'fixed-horizon', maximumUnits }
        d.ramp.stages.pop()
      },
    ],
    ['half the units that the rule of thumb asks for', plan({ ...scheduled, maximumUnits: 55_300 })],
    [
      'few units, with covariates to save some',
      (d) => {
        d.analysis = { ...scheduled, maximumUnits: 40_000 }
        d.metrics['start-rate'].covariates = [{ before: '28d' }]
      },
    ],
    ['a simulated error', plan(posterior({ simulatedErrorRate: 0.05 }))],
    ['attempts by halves, and a pilot', plan({ ...scheduled, attempts: [1, 0.5, 0.25] })],
    ['a pilot that spends little', plan({ ...scheduled, attempts: [0.25, 0.75] })],
    [
      'secondary metrics in a family',
      (d) => {
        secondary(d)
        d.analysis.families = { s: { metrics: ['x'], method: 'holm' } }
      },
    ],
    ['a heavy tail with a cap', metric({ ...baseline(2, 160), cap: { upper: 50 } })],
    ['a rare count', metric({ type: 'count', ...baseline(0.01, 0.01) })],
    ['a ratio of viewers', metric(ratio)],
    [
      'a ratio of sessions in clusters',
      metric(ratio, (d) => {
        d.unitType = 'session'
        d.cluster = { unitType: 'viewer', attribute: 'viewerId' }
      }),
    ],
    ['a mean of sessions', metric({}, (d) => (d.unitType = 'session'))],
    ['a quantile of many', metric(p99, guarded(1_000))],
    ['arms of 2 : 1', weights(2, 1)],
    [
      'many segments that are described and nothing more',
      (d) => (d.dimensions = { clicks: { known: 'after-exposure', maximumSegments: 50 } }),
    ],
    [
      'a lift of nothing, which no number of units finds',
      (d) => {
        d.analysis = scheduled
        d.metrics['start-rate'].baseline = { mean: 0, variance: 0.1 }
      },
    ],
    ['ten events', metric({ ...crashes, ...baseline(0.011, 0.0109) }, guarded(910))],
    [
      'few events, compared as such',
      metric({ ...crashes, ...baseline(1e-4, 1e-4), rareEvents: true }, guarded(900)),
    ],
    [
      'rare events of different units',
      metric({ ...crashes, type: 'count', rareEvents: true, maximumEvents: 1 }),
    ],
  ])('says nothing of %s', (_, edit) => {
    expect(findingsOf(edit)).toEqual([])
  })

  it('asks for no minimum where rare events are compared, with unequal arms too', () => {
    const codes = (rareEvents: boolean) =>
      findingsOf(
        weights(1, 5, (d) => {
          d.metrics.x = { ...crashes, role: 'exploratory', ...baseline(0.001, 0.000_999), rareEvents }
          guarded(1_000)(d)
        }),
      ).map(({ code, path }) => `${code} ${path}`)
    const ofTheEvents = ['small-minimum guardrails[2].evidence.minimumUnits', 'sparse-events metrics.x']
    expect(codes(false)).toEqual(expect.arrayContaining(ofTheEvents))
    for (const finding of ofTheEvents) expect(codes(true)).not.toContain(finding)
  })

  it('names the minimum that protects unequal arms', () => {
    const rare = weights(1, 5, (d) => {
      d.metrics.latency.baseline = { mean: 100, variance: 1e6 }
      d.metrics['start-rate'].baseline = { mean: 0.001, variance: 0.000_999 }
      d.guardrails[1].evidence = { minimumUnits: 9_999 }
      d.ramp.stages[1].minimumUnits = 10_000
    })
    const findings = findingsOf(rare).filter(({ code }) => code === 'small-minimum')
    expect(findings.map(({ path, remedy }) => [path, remedy])).toEqual([
      ['guardrails[0].evidence.minimumUnits', 'Let it be 10000 or more, or the arms equal.'],
      ['guardrails[1].evidence.minimumUnits', 'Let it be 10000 or more, or the arms equal.'],
    ])
    expect(findings[0]!.detail).toContain('The arms are 5 : 1, and start-rate may decide from 1000 units on')
    expect(findings[0]!.detail).toContain('about 10 events, and has one in 1000 units')
    expect(findings[1]!.detail).toContain('its tail is heavy')

    const unknown = weights(5, 1, (d) => (d.guardrails[1].evidence = { minimumUnits: 999 }))
    expect(findingsOf(unknown).map(({ code, path }) => [code, path])).toContainEqual([
      'small-minimum',
      'guardrails[1].evidence.minimumUnits',
    ])
  })

  it('tells what the slowest of several treatments takes', () => {
    const [finding] = findingsOf((d) => {
      d.variants = [
        { name: 'control', weight: 2 },
        { name: 'a', weight: 2 },
        { name: 'b', weight: 1 },
      ]
      d.metrics['start-rate'].delay = '1d'
      d.metrics['start-rate'].window = '2d'
      d.ramp.stages[0].holdFor = '4d'
      d.analysis = { ...scheduled, expectedUnitsPerDay: 15_000 }
    })
    expect(finding).toMatchObject({ code: 'end-past-horizon' })
    expect(finding!.detail).toContain('(15000 × 50 % × 60 %) = 26.67 days or more, and 3 until')
  })
})
