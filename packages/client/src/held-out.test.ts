import { defineExperiment } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { definition, viewer } from '../test/autoplay.ts'
import { clientOnTrial, snapshotOf, stateFor } from './testing/index.ts'

const CONTROL = { delaySeconds: 30 }
const TREATMENT = { delaySeconds: 5 }

describe('a holdout', () => {
  it('B11: gives all-shipped what bakes and has shipped, keeps control for status-quo for good, and exposes neither', () => {
    const experiment = defineExperiment({ ...definition, holdout: { name: '2026-h1', percent: 30 } })
    const { client, source } = clientOnTrial([experiment])
    const ids = Array.from({ length: 400 }, (_, i) => `viewer-${i}`)
    let revision = 1
    const serveUnder = (change: Parameters<typeof stateFor>[1]) => {
      source.give(snapshotOf([stateFor(experiment, { revision: (revision += 1), ...change })]))
      return new Map(
        ids.map((id) => {
          const arm = client.assign(experiment, viewer(id))
          return [id, { ...arm, recorded: client.expose(arm).recorded }]
        }),
      )
    }
    const shippedVariant = 'treatment'
    const running = serveUnder({ status: 'running' })
    const baking = serveUnder({ status: 'baking', shippedVariant, trafficPercent: 5 })
    const shipped = serveUnder({ status: 'shipped', shippedVariant, trafficPercent: 0 })
    const aborted = serveUnder({ status: 'aborted', trafficPercent: 0 })

    const heldOut = ids.filter((id) => running.get(id)?.reason === 'held-out')
    for (const [reason, config] of [
      ['held-out', CONTROL],
      ['shipped', TREATMENT],
    ] as const) {
      const held = heldOut.filter((id) => shipped.get(id)?.reason === reason)
      // Six standard errors of 30 % of 400.
      expect(Math.abs(held.length - 120)).toBeLessThan(55)
      for (const id of held) {
        const unit = { variant: null, recorded: 'not-assigned' }
        expect(running.get(id)).toMatchObject({ ...unit, config: CONTROL })
        expect(baking.get(id)).toMatchObject({ ...unit, config, reason })
        expect(shipped.get(id)).toMatchObject({ ...unit, config, reason })
        expect(aborted.get(id)).toMatchObject({ ...unit, config: CONTROL })
      }
    }
  })
})
