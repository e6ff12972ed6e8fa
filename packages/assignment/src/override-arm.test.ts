import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { experimentOf, type Part, stateOf, viewer } from '../test/experiment.ts'
import { assign, bucketOf, hashUtf8, loadExperiment, overrideArm } from './index.ts'

function load(part: Part = {}, state: Parameters<typeof stateOf>[1] = {}) {
  const experiment = experimentOf(part)
  return loadExperiment(experiment, stateOf(experiment, state))
}

describe('overrideArm', () => {
  it('forces the arm, with its config and propensity and the bucket of the unit, whatever its own arm', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 40 }), (unitId) => {
        const loaded = load()
        for (const variant of ['control', 'treatment']) {
          const arm = overrideArm(loaded, viewer(unitId), variant)
          expect(arm).toMatchObject({ reason: 'overridden', variant, unitId, propensity: 0.5 })
          expect(arm.bucket).toBe(bucketOf(hashUtf8(unitId, arm.seed)))
          expect(Object.keys(arm)).toEqual(Object.keys(assign(loaded, viewer(unitId))))
        }
      }),
    )
  })

  it('reaches who is not enrolled: without traffic, not eligible, held out', () => {
    for (const loaded of [
      load({}, { trafficPercent: 0 }),
      load({ eligibility: { attribute: 'country', in: ['DE'] } }),
      load({ layer: { name: 'home', fromPercent: 0, toPercent: 0.0001 } }),
    ]) {
      expect(assign(loaded, viewer('user-1')).variant).toBeNull()
      expect(overrideArm(loaded, viewer('user-1'), 'treatment')).toMatchObject({ variant: 'treatment' })
    }
  })

  it('outlives no abort: where nobody is enrolled, it is as good as none', () => {
    for (const status of ['aborted', 'stopped', 'shipped'] as const) {
      const loaded = load({}, { status, shippedVariant: status === 'shipped' ? 'treatment' : null })
      expect(overrideArm(loaded, viewer('user-1'), 'treatment')).toEqual(assign(loaded, viewer('user-1')))
    }
    const stateless = loadExperiment(experimentOf(), null)
    expect(overrideArm(stateless, viewer('user-1'), 'treatment').reason).toBe('no-state')
  })

  it('is as total as assign', () => {
    const loaded = load()
    for (const unit of [undefined, null, {}, viewer(''), viewer('a\ud800'), { unitType: 'x', unitId: 'a' }]) {
      expect(overrideArm(loaded, unit as never, 'treatment')).toEqual(assign(loaded, unit as never))
    }
    expect(overrideArm(loaded, viewer('user-1'), 'gone')).toEqual(assign(loaded, viewer('user-1')))
  })
})
