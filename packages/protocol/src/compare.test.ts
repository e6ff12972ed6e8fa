import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { homeRanking } from '../test/home-ranking.ts'
import { compareDefinitions, reseal } from './compare.ts'
import { parseDefinition } from './define.ts'
import { ExperimentError } from './error.ts'

type Edit = (definition: any) => void

const started = parseDefinition(homeRanking)

function edited(...edits: Edit[]) {
  const definition = structuredClone(homeRanking)
  for (const edit of edits) edit(definition)
  return parseDefinition(definition)
}

const safe: [string, Edit][] = [
  ['description', (d) => (d.description = 'Anew.')],
  ['costs', (d) => (d.costs = { currency: 'EUR', abort: 1 })],
  ['externalEvents', (d) => (d.externalEvents = [{ name: 'final', from: 1, to: 2 }])],
  ['ramp.stages[1].trafficPercent', (d) => (d.ramp.stages[1].trafficPercent = 60)],
  ['ramp.stages[2]', (d) => d.ramp.stages.push({ trafficPercent: 100, holdFor: '1d', minimumUnits: 1 })],
  ['analysis.expectedUnitsPerDay', (d) => (d.analysis.expectedUnitsPerDay = 10_000)],
  ['metrics.latency.description', (d) => (d.metrics.latency.description = 'To the first frame.')],
  ['guardrails[0].evidence.maximumHold', (d) => (d.guardrails[0].evidence.maximumHold = '12h')],
]
const grave: [string, Edit][] = [
  ['variants[1].weight', (d) => (d.variants[1].weight = 2)],
  ['variants[2]', (d) => d.variants.push({ name: 'third', weight: 1 })],
  ['variants[1].config.rows', (d) => (d.variants[1].config.rows = 7)],
  ['variants[1].treatmentVersion', (d) => delete d.variants[1].treatmentVersion],
  ['salt', (d) => (d.salt = 'again')],
  ['layer', (d) => (d.layer = { name: 'home', fromPercent: 0, toPercent: 50 })],
  ['holdout', (d) => (d.holdout = { name: '2026', percent: 5 })],
  ['eligibility', (d) => (d.eligibility = { attribute: 'tv', present: true })],
  ['metrics.latency.window', (d) => (d.metrics.latency.window = '5m')],
  ['guardrails[0].margin.relative', (d) => (d.guardrails[0].margin.relative = 0.03)],
  ['guardrails[0].margin.absolute', (d) => (d.guardrails[0].margin = { absolute: 1 })],
  ['guardrails[0].evidence.minimumUnits', (d) => (d.guardrails[0].evidence.minimumUnits = 100)],
  ['analysis.alpha', (d) => (d.analysis.alpha = 0.1)],
  ['analysis.attempts', (d) => (d.analysis.attempts = [0.5])],
  ['analysis.families', (d) => (d.analysis.families = { s: { metrics: ['watch-time'], method: 'holm' } })],
  ['metrics.watch-time.cap', (d) => (d.metrics['watch-time'].cap = { upper: 9_000 })],
  ['metrics.watch-time.covariates', (d) => (d.metrics['watch-time'].covariates = [{ before: '14d' }])],
  ['metrics.watch-time.delay', (d) => (d.metrics['watch-time'].delay = '1d')],
  [
    'metrics.watch-time.practicalThreshold',
    (d) => (d.metrics['watch-time'].practicalThreshold = { relative: 0.1 }),
  ],
  ['dimensions', (d) => (d.dimensions = { country: { known: 'before-exposure' } })],
  ['hypothesis.horizon', (d) => (d.hypothesis.horizon = '30d')],
  ['whenStateLapses', (d) => (d.whenStateLapses = 'keep-serving')],
]

describe('compareDefinitions', () => {
  it.each(safe)('calls an edit of %s safe, and keeps the fingerprint', (path, edit) => {
    const after = edited(edit)
    const change = compareDefinitions(started, after)
    expect(change.kind).toBe('safe')
    expect(change.changes.map((each) => each.path)).toContain(path)
    expect(after.fingerprint).toBe(started.fingerprint)
  })

  it.each(grave)('opens a new phase for an edit of %s, and changes the fingerprint', (path, edit) => {
    const after = edited(edit)
    const change = compareDefinitions(started, after)
    expect(change.kind).toBe('new-phase')
    expect(change.changes.map((each) => each.path)).toContain(path)
    expect(after.fingerprint).not.toBe(started.fingerprint)
  })

  it.each(['key', 'unitType'])('refuses another %s', (field) => {
    const change = compareDefinitions(
      started,
      edited((definition) => (definition[field] = 'other')),
    )
    expect(change.kind).toBe('refused')
    expect(change.changes).toContainEqual({
      path: field,
      before: expect.any(String),
      after: 'other',
      effect: 'refused',
    })
  })

  it('does not call it an edit to write a default out or to turn keys round', () => {
    const after = edited((definition) => {
      definition.$schema = './experiment.v1.json'
      definition.schemaVersion = 1
      definition.salt = definition.key
      definition.analysis = { tuneAt: 20_000, alpha: 0.05, method: 'asymptotic-cs' }
      definition.metrics.latency.event = 'latency'
    })
    expect(compareDefinitions(started, after)).toEqual({ kind: 'same', changes: [] })
  })

  it('lets what a simulation printed be written down, and nothing else of the rule change', () => {
    const withRule = (more: object, standardDeviation = 0.05) =>
      edited((definition) => {
        definition.analysis = {
          method: 'bayesian',
          tuneAt: 20_000,
          bayesian: {
            prior: { scale: 'relative', mean: 0, standardDeviation },
            stopWhen: { chanceToBeat: 0.95 },
            ...more,
          },
        }
      })
    const before = withRule({})
    const simulated = withRule({ simulatedErrorRate: 0.07 })
    expect(compareDefinitions(before, simulated)).toEqual({
      kind: 'safe',
      changes: [
        { path: 'analysis.bayesian.simulatedErrorRate', before: undefined, after: 0.07, effect: 'safe' },
      ],
    })
    expect(simulated.fingerprint).toBe(before.fingerprint)
    const other = withRule({ simulatedErrorRate: 0.07 }, 0.1)
    expect(compareDefinitions(before, other).kind).toBe('new-phase')
    expect(other.fingerprint).not.toBe(before.fingerprint)
  })

  it('keeps the fingerprint for exactly the edits that it calls safe', () => {
    const some = fc.subarray([...safe, ...grave].map(([, edit]) => edit))
    fc.assert(
      fc.property(some, (edits) => {
        const after = edited(...edits)
        const { kind } = compareDefinitions(started, after)
        expect(kind === 'same' || kind === 'safe').toBe(after.fingerprint === started.fingerprint)
      }),
    )
  })
})

describe('reseal', () => {
  it('lets safe edits pass whatever is meant', () => {
    const after = edited(...safe.map(([, edit]) => edit))
    expect(reseal(started, after, 'refuse').kind).toBe('safe')
    expect(reseal(started, after, 'new-phase').kind).toBe('safe')
  })

  it('FAULTS 7: a changed salt, ratio or version is refused with every edit, or opens a new phase', () => {
    const after = edited((definition) => {
      definition.salt = 'again'
      definition.variants[0].weight = 3
      definition.variants[1].treatmentVersion = '2026-04-01'
      definition.description = 'Anew.'
    })
    const refusal = thrown(() => reseal(started, after, 'refuse'))
    expect(refusal.code).toBe('definition-changed')
    expect(refusal.problems.map(({ path }) => path)).toEqual([
      'variants[0].weight',
      'variants[1].treatmentVersion',
      'salt',
    ])
    expect(refusal.message).toContain('variants[0].weight: Was 1, is 3.')
    expect(reseal(started, after, 'new-phase').kind).toBe('new-phase')
  })

  it('never takes one trial for another', () => {
    const after = edited((definition) => (definition.unitType = 'session'))
    expect(thrown(() => reseal(started, after, 'new-phase')).remedy).toContain('a key of its own')
  })
})

function thrown(act: () => unknown): ExperimentError {
  try {
    act()
  } catch (error) {
    if (error instanceof ExperimentError) return error
  }
  throw new Error('did not throw an ExperimentError')
}
