import fc from 'fast-check'
import murmurhash3js from 'murmurhash3js'
import { describe, expect, it } from 'vitest'
import { experimentOf, type Part, stateOf, viewer } from '../test/experiment.ts'
import { overrideArm } from './override-arm.ts'
import {
  assign,
  bucketOf,
  hashUtf8,
  loadExperiment,
  type LoadOptions,
  seedOf,
  serveControl,
} from './index.ts'

const seeded = { seed: 20261122 }

function load(part: Part = {}, state: Parameters<typeof stateOf>[1] = {}, options: LoadOptions = {}) {
  const experiment = experimentOf(part)
  return loadExperiment(experiment, stateOf(experiment, state), options)
}

const reasonOf = (loaded: ReturnType<typeof load>, unitId: unknown) => assign(loaded, viewer(unitId)).reason

it('tells everything about an arm, and its bucket can be derived again from the record', () => {
  const arm = assign(load(), viewer('user-1'))
  const { fingerprint } = experimentOf()
  expect(arm).toEqual({
    experiment: 'ranker',
    unitType: 'viewer',
    unitId: 'user-1',
    reason: 'assigned',
    variant: 'treatment',
    config: { model: 'session' },
    bucket: 610_206,
    seed: seedOf('variant', 'ranker'),
    propensity: 0.5,
    treatmentVersion: 'm-7',
    fingerprint,
    phase: 2,
    revision: 5,
  })
  expect(bucketOf(hashUtf8('user-1', arm.seed))).toBe(arm.bucket)
})

it('serves control, without bucket or propensity, to who is not enrolled', () => {
  expect(assign(load({}, { trafficPercent: 0 }), viewer('user-1'))).toMatchObject({
    reason: 'outside-traffic',
    variant: null,
    config: { model: 'popular' },
    bucket: null,
    propensity: null,
    treatmentVersion: null,
  })
})

it('hands out a config that nobody can change for the others', () => {
  const variants = [
    { name: 'control', weight: 1, config: { weights: [1, { deep: 2 }] } },
    experimentOf().variants[1]!,
  ]
  const { config } = assign(load({ variants }, { trafficPercent: 0 }), viewer('u'))
  expect(() => Object.assign(config, { weights: 0 })).toThrow(TypeError)
  expect(() => Object.assign((config as { weights: object[] }).weights[1]!, { deep: 3 })).toThrow(TypeError)
  expect(Object.isFrozen(variants[0]!.config)).toBe(false)
})

describe('units that are none', () => {
  it('FAULTS 13: a missing, null or empty unit id is no-unit-id and serves control', () => {
    for (const unitId of [undefined, null, '']) {
      expect(assign(load(), viewer(unitId))).toMatchObject({
        reason: 'no-unit-id',
        unitId: null,
        bucket: null,
      })
    }
    expect(assign(load(), undefined as never).reason).toBe('no-unit-id')
  })

  it.each([
    [0],
    [123],
    [1n],
    [true],
    [{}],
    [{ toString: () => 'user-1' }],
    [['user-1']],
    [Symbol('id')],
    [() => 'x'],
  ])('FAULTS 14: a unit id that is no string is invalid-unit-id: %o', (unitId) => {
    expect(assign(load(), viewer(unitId))).toMatchObject({
      reason: 'invalid-unit-id',
      unitId: null,
      bucket: null,
    })
  })

  it('FAULTS 14: with coerceUnitId integers are their decimal text exactly, and nothing else is', () => {
    const loaded = load({}, {}, { coerceUnitId: 'string-number' })
    for (const id of [0, -0, 7, -7, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
      expect(assign(loaded, viewer(id))).toEqual(assign(loaded, viewer(String(id))))
    }
    for (const id of [0.5, Number.NaN, Infinity, 2 ** 53, 1e21, 1n, true, [1]]) {
      expect(reasonOf(loaded, id)).toBe('invalid-unit-id')
    }
  })

  it('FAULTS 15: an id over the limit is invalid-unit-id, counted in bytes', () => {
    const loaded = load()
    expect(reasonOf(loaded, 'x'.repeat(1024))).toBe('assigned')
    expect(reasonOf(loaded, 'x'.repeat(1025))).toBe('invalid-unit-id')
    expect(reasonOf(loaded, 'é'.repeat(512))).toBe('assigned')
    expect(reasonOf(loaded, 'é'.repeat(513))).toBe('invalid-unit-id')
    expect(reasonOf(load({}, {}, { maximumUnitIdBytes: 4 }), '日本')).toBe('invalid-unit-id')
    expect(reasonOf(loaded, 'x'.repeat(1_000_000))).toBe('invalid-unit-id')
  })

  it('FAULTS 16: ids of any script hash by their UTF-8 bytes; NFC and NFD are two units; lone surrogates are none', () => {
    const loaded = load()
    const bucket = (id: string) => assign(loaded, viewer(id)).bucket
    const bytes = (id: string) =>
      murmurhash3js.x86.hash32(Buffer.from(id).toString('latin1'), loaded.variant.seed)
    for (const id of ['é', 'e\u0301', 'Ā', '日本語', '😀', 'مرحبا', '\0', 'a\0b', '\u0080', '\ufeffa']) {
      expect(bucket(id)).toBe(bucketOf(bytes(id)))
    }
    expect(bucket('é')).not.toBe(bucket('e\u0301'))
    expect(bucket('Ā')).not.toBe(bucket('\0'))
    for (const id of ['\ud83d', '\ude00', 'a\ud800b', '\ude00\ud83d'])
      expect(reasonOf(loaded, id)).toBe('invalid-unit-id')
  })

  it('FAULTS 17: spaces and case are not changed', () => {
    const ids = ['user-1', ' user-1', 'user-1 ', 'User-1']
    const arms = ids.map((id) => assign(load(), viewer(id)))
    expect(arms.map(({ unitId }) => unitId)).toEqual(ids)
    expect(new Set(arms.map(({ bucket }) => bucket)).size).toBe(4)
  })

  it('refuses a missing or another unit type', () => {
    for (const unitType of [undefined, '', 'session', 'Viewer', 7]) {
      const arm = assign(load(), { unitType, unitId: 'user-1' } as never)
      expect(arm).toMatchObject({ reason: 'wrong-unit-type', variant: null, unitId: 'user-1' })
      expect(arm.unitType).toBe(typeof unitType === 'string' ? unitType : 'viewer')
    }
  })

  it('never throws, whatever a unit is', () => {
    const loaded = load({ eligibility: { attribute: 'a', equals: 1 } }, {}, { coerceUnitId: 'string-number' })
    const anything = fc.anything({
      withBigInt: true,
      withNullPrototype: true,
      withSparseArray: true,
      withDate: true,
    })
    const unit = fc.oneof(
      anything,
      fc.record({
        unitType: fc.oneof(fc.constant('viewer'), anything),
        unitId: anything,
        attributes: anything,
      }),
    )
    fc.assert(
      fc.property(unit, (unit) => {
        expect(assign(loaded, unit as never).experiment).toBe('ranker')
        expect(serveControl(loaded, unit as never, 'stale-state').reason).toBe('stale-state')
      }),
      seeded,
    )
    const hostile = () => {
      throw new Error('hostile')
    }
    const trap = new Proxy({}, { get: hostile, getOwnPropertyDescriptor: hostile })
    expect(assign(loaded, trap as never).reason).toBe('no-unit-id')
    expect(assign(loaded, viewer('user-1', trap)).reason).toBe('not-eligible')
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(assign(loaded, proxy as never).reason).toBe('no-unit-id')
  })
})

describe('traffic', () => {
  it('FAULTS 6: a ramp adds units and moves none', () => {
    const percent = fc.integer({ min: 0, max: 1_000_000 }).map((bucket) => bucket / 10_000)
    fc.assert(
      fc.property(
        fc.string(),
        percent,
        percent,
        fc.array(fc.string({ unit: 'grapheme', minLength: 1 })),
        (salt, a, b, ids) => {
          const [low, high] = [Math.min(a, b), Math.max(a, b)].map((trafficPercent) =>
            load({ salt }, { trafficPercent }),
          )
          for (const id of ids) {
            const before = assign(low!, viewer(id))
            const after = assign(high!, viewer(id))
            if (before.reason === 'assigned') expect(after).toEqual(before)
            if (after.reason === 'outside-traffic') expect(before).toEqual(after)
          }
        },
      ),
      seeded,
    )
  })

  it('enrolls the share it names, split evenly at every stage', () => {
    for (const trafficPercent of [1, 10, 50]) {
      const loaded = load({}, { trafficPercent })
      const counts: { [variant: string]: number } = {}
      for (let i = 0; i < 100_000; i++) {
        const name = assign(loaded, viewer(`user-${i}`)).variant ?? 'none'
        counts[name] = (counts[name] ?? 0) + 1
      }
      const each = trafficPercent * 500
      // Six standard deviations.
      for (const name of ['control', 'treatment'])
        expect(Math.abs(counts[name]! - each)).toBeLessThan(6 * Math.sqrt(each))
    }
  })
})

describe('layers and holdouts', () => {
  it('layers exclude each other: no unit is in two slots, and full layers leave nobody out', () => {
    const cut = fc.integer({ min: 1, max: 999_999 }).map((bucket) => bucket / 10_000)
    fc.assert(
      fc.property(
        fc.string(),
        cut,
        fc.array(fc.string({ unit: 'grapheme', minLength: 1 })),
        (name, cut, ids) => {
          const first = load({ salt: 'a', layer: { name, fromPercent: 0, toPercent: cut } })
          const second = load({ salt: 'b', layer: { name, fromPercent: cut, toPercent: 100 } })
          for (const id of ids) {
            const reasons = [reasonOf(first, id), reasonOf(second, id)].toSorted()
            expect(reasons).toEqual(['assigned', 'outside-layer'])
          }
        },
      ),
      seeded,
    )
  })

  it('a holdout is decided before the layer and keeps two arms of one size', () => {
    const holdout = { name: '2026', percent: 10 }
    const running = load({ holdout, layer: { name: 'l', fromPercent: 0, toPercent: 10 } })
    const shipped = load({ holdout }, { status: 'shipped', shippedVariant: 'treatment', trafficPercent: 0 })
    const counts = { statusQuo: 0, allShipped: 0, rest: 0 }
    for (let i = 0; i < 50_000; i++) {
      const heldOut = reasonOf(running, `user-${i}`) === 'held-out'
      const after = assign(shipped, viewer(`user-${i}`))
      if (after.reason === 'held-out') {
        expect(after).toMatchObject({ variant: null, config: { model: 'popular' } })
        expect(heldOut).toBe(true)
        counts.statusQuo++
      } else {
        expect(after).toMatchObject({
          reason: 'shipped',
          variant: null,
          config: { model: 'session' },
          propensity: null,
        })
        counts[heldOut ? 'allShipped' : 'rest']++
      }
    }
    for (const count of [counts.statusQuo, counts.allShipped])
      expect(Math.abs(count - 5_000)).toBeLessThan(6 * 68)
  })

  it('one holdout keeps the same units out of every experiment that names it', () => {
    const holdout = { name: '2026', percent: 25 }
    for (let i = 0; i < 1_000; i++) {
      const [a, b] = ['a', 'b'].map((salt) => reasonOf(load({ salt, holdout }), `user-${i}`))
      expect(a).toBe(b)
    }
  })
})

describe('a bake', () => {
  const bake = { status: 'baking', shippedVariant: 'treatment', trafficPercent: 5 } as const

  it('moves no unit from arm to arm: who stays in the trial keeps the arm, who leaves it gets what has shipped', () => {
    const [before, after] = [load({}, { trafficPercent: 50 }), load({}, bake)]
    const counts = { stays: 0, leaves: 0, outside: 0 }
    for (let i = 0; i < 20_000; i++) {
      const unit = viewer(`user-${i}`)
      const [was, is] = [assign(before, unit), assign(after, unit)]
      if (is.reason === 'assigned') {
        expect(is).toEqual(was)
        counts.stays++
      } else {
        expect(is).toMatchObject({
          reason: 'shipped',
          variant: null,
          config: { model: 'session' },
          treatmentVersion: 'm-7',
          bucket: null,
          propensity: null,
        })
        counts[was.reason === 'assigned' ? 'leaves' : 'outside']++
      }
    }
    expect(Math.abs(counts.stays - 1_000)).toBeLessThan(6 * 31)
    expect(Math.abs(counts.leaves - 9_000)).toBeLessThan(6 * 71)
    expect(Math.abs(counts.outside - 10_000)).toBeLessThan(6 * 71)
  })

  it('keeps the holdout out of the trial: control for good in one half, what has shipped in the other', () => {
    const loaded = load({ holdout: { name: '2026', percent: 50 } }, { ...bake, trafficPercent: 100 })
    const reasons = Array.from({ length: 500 }, (_, i) => assign(loaded, viewer(`user-${i}`)))
    for (const { reason, config } of reasons) {
      expect({ 'held-out': 'popular', shipped: 'session' }[reason as string]).toBe(config['model'])
    }
    expect(new Set(reasons.map(({ reason }) => reason)).size).toBe(2)
  })

  it('serves what has shipped to who was never eligible, as it will be served when the bake is over', () => {
    const eligibility = { attribute: 'plan', equals: 'paid' } as const
    const [baking, shipped] = [bake, { ...bake, status: 'shipped' as const }].map((state) =>
      load({ eligibility }, state),
    )
    const free = viewer('user-1', { plan: 'free' })
    expect(assign(baking!, free)).toEqual(assign(shipped!, free))
    expect(assign(baking!, free)).toMatchObject({ reason: 'shipped', config: { model: 'session' } })
  })

  it('that is aborted leaves control to everybody', () => {
    const aborted = load({}, { status: 'aborted', shippedVariant: null, trafficPercent: 0, revision: 9 })
    for (let i = 0; i < 200; i++) {
      const arm = assign(aborted, viewer(`user-${i}`))
      expect(arm).toMatchObject({ reason: 'aborted', variant: null, config: { model: 'popular' } })
    }
  })

  it('serves control for a reason of the caller, and lets an arm be forced', () => {
    const loaded = load({}, { ...bake, trafficPercent: 0.0001 })
    expect(serveControl(loaded, viewer('user-1'), 'stale-state').config).toEqual({ model: 'popular' })
    expect(overrideArm(loaded, viewer('user-1'), 'control')).toMatchObject({
      reason: 'overridden',
      variant: 'control',
    })
  })
})

describe('state', () => {
  it.each(['aborted', 'stopped'] as const)('serves control once %s, also to the held out', (status) => {
    const arm = assign(
      load({ holdout: { name: 'h', percent: 50 } }, { status, trafficPercent: 0 }),
      viewer('user-1'),
    )
    expect(arm).toMatchObject({ reason: status, variant: null, config: { model: 'popular' } })
  })

  it('once shipped serves what has shipped also to units without an id', () => {
    const loaded = load({}, { status: 'shipped', shippedVariant: 'treatment', trafficPercent: 0 })
    const expected = {
      reason: 'no-unit-id',
      variant: null,
      config: { model: 'session' },
      treatmentVersion: 'm-7',
    }
    expect(assign(loaded, viewer(''))).toMatchObject(expected)
  })

  it('serves control without a state, and under the state of another definition', () => {
    const experiment = experimentOf()
    const without = assign(loadExperiment(experiment, null), viewer('user-1'))
    expect(without).toMatchObject({ reason: 'no-state', variant: null, phase: 0, revision: 0 })
    for (const other of [{ fingerprint: 'e'.repeat(64) }, { experiment: 'other' }]) {
      const state = stateOf(experiment, { ...other, status: 'shipped', shippedVariant: 'gone' })
      const arm = assign(loadExperiment(experiment, state), viewer('user-1'))
      expect(arm).toMatchObject({ reason: 'definition-mismatch', config: { model: 'popular' } })
    }
  })

  it('serves control for a reason of the caller, also once shipped', () => {
    const loaded = load({}, { status: 'shipped', shippedVariant: 'treatment', trafficPercent: 0 })
    const arm = serveControl(loaded, viewer('user-1'), 'client-closed')
    expect(arm).toMatchObject({
      reason: 'client-closed',
      unitId: 'user-1',
      variant: null,
      config: { model: 'popular' },
    })
    expect(serveControl(loaded, viewer('\ud800'), 'no-state').unitId).toBeNull()
  })
})
