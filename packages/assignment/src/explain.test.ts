import fc from 'fast-check'
import { expect, it } from 'vitest'
import { experimentOf, stateOf, viewer } from '../test/experiment.ts'
import { assign, bucketOf, explain, hashUtf8, loadExperiment } from './index.ts'

const STEP_OF = {
  'no-unit-id': 'unit',
  'invalid-unit-id': 'unit',
  'wrong-unit-type': 'unit',
  'no-state': 'state',
  'definition-mismatch': 'state',
  aborted: 'state',
  stopped: 'state',
  shipped: 'state',
  'held-out': 'holdout',
  'outside-layer': 'layer',
  'not-eligible': 'eligibility',
  'outside-traffic': 'traffic',
  assigned: 'variant',
} as { [reason: string]: string }

it('tells each step with its seed, hash and bucket', () => {
  const experiment = experimentOf({ layer: { name: 'home', fromPercent: 20, toPercent: 95 } })
  const loaded = loadExperiment(experiment, stateOf(experiment))
  const { assignment, steps } = explain(loaded, viewer('user-1'))
  expect(assignment).toEqual(assign(loaded, viewer('user-1')))
  expect(steps.map(({ step }) => step)).toEqual([
    'unit',
    'state',
    'holdout',
    'layer',
    'eligibility',
    'traffic',
    'variant',
  ])
  expect(steps.map(({ detail }) => detail)).toMatchInlineSnapshot(`
    [
      ""user-1" is to be a viewer, and is.",
      "ranker is in phase 2, revision 5, open to units.",
      "There is no holdout here.",
      "The slot in the layer is [200000, 950000); bucket 946902 is inside.",
      "Everybody is eligible.",
      "The traffic enrolled now is everybody; no hash is needed.",
      "The arms are control [0, 500000), treatment [500000, 1000000); bucket 610206 is in treatment.",
    ]
  `)
  expect(steps.at(-1)).toMatchObject({ seed: assignment.seed, bucket: assignment.bucket, passed: true })
})

it('agrees with assign, whatever the definition, the state and the unit', () => {
  const percent = fc.integer({ min: 0, max: 1_000_000 }).map((bucket) => bucket / 10_000)
  const part = fc.record(
    {
      salt: fc.string(),
      layer: fc.tuple(percent, percent).map(([a, b]) => {
        return { name: 'l', fromPercent: Math.min(a, b), toPercent: Math.max(a, b) }
      }),
      holdout: fc.record({ name: fc.constant('h'), percent: percent.map((percent) => percent / 2) }),
      eligibility: fc.constant({ attribute: 'plan', equals: 'paid' }),
    },
    { requiredKeys: ['salt'] },
  )
  const state = fc.record({
    status: fc.constantFrom('running', 'holding', 'baking', 'aborted', 'stopped', 'shipped'),
    trafficPercent: fc.oneof(percent, fc.constant(100)),
    shippedVariant: fc.constant('treatment'),
  })
  const unit = fc.record({
    unitType: fc.constantFrom('viewer', 'viewer', 'viewer', 'session', undefined),
    unitId: fc.oneof({ weight: 9, arbitrary: fc.string() }, { weight: 1, arbitrary: fc.anything() }),
    attributes: fc.constantFrom({ plan: 'paid' }, { plan: 'paid' }, { plan: 'free' }, undefined),
  })
  const seen = new Set<string>()
  fc.assert(
    fc.property(part, state, fc.boolean(), unit, (part, state, stateless, unit) => {
      const experiment = experimentOf(part)
      const loaded = loadExperiment(
        experiment,
        stateless && part.salt === '' ? null : stateOf(experiment, state as object),
      )
      const { assignment, steps } = explain(loaded, unit as never)
      expect(assignment).toEqual(assign(loaded, unit as never))
      const last = steps.at(-1)!
      expect(last.step).toBe(STEP_OF[assignment.reason])
      expect(last.passed).toBe(assignment.reason === 'assigned')
      expect(steps.slice(0, -1).every(({ passed }) => passed)).toBe(true)
      for (const { seed, hash, bucket } of steps) {
        if (seed === undefined) continue
        expect(hash).toBe(hashUtf8(assignment.unitId!, seed))
        expect(bucket).toBe(bucketOf(hash!))
      }
      if (assignment.reason === 'assigned') expect(last.bucket).toBe(assignment.bucket)
      seen.add(assignment.reason)
    }),
    { seed: 3, numRuns: 3_000 },
  )
  const expected = Object.keys(STEP_OF).filter((reason) => reason !== 'definition-mismatch')
  expect([...seen].toSorted()).toEqual(expected.toSorted())
})

it('says of a bake who is served what has shipped, and at which gate they left the trial', () => {
  const experiment = experimentOf({ eligibility: { attribute: 'plan', equals: 'paid' } })
  const bake = stateOf(experiment, { status: 'baking', shippedVariant: 'treatment', trafficPercent: 0 })
  const { assignment, steps } = explain(loadExperiment(experiment, bake), viewer('u', { plan: 'free' }))
  expect(assignment).toMatchObject({ reason: 'shipped', variant: null, config: { model: 'session' } })
  expect(steps.slice(-2)).toEqual([
    {
      step: 'eligibility',
      detail: 'The attributes given do not meet the eligibility condition.',
      passed: true,
    },
    {
      step: 'state',
      detail: 'ranker has shipped and bakes: who is not enrolled is served what has shipped.',
      passed: false,
    },
  ])
})

it('tells why there is nothing to assign from', () => {
  const experiment = experimentOf()
  const other = stateOf(experiment, { fingerprint: 'e'.repeat(64) })
  const detail = (state: typeof other | null) =>
    explain(loadExperiment(experiment, state), viewer('u')).steps.at(-1)!.detail
  expect(detail(null)).toBe('ranker has no state yet.')
  expect(detail(other)).toBe('ranker is in phase 2, revision 5 of another definition than the one in hand.')
})
