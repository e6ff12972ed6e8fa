import { defineExperiment, fingerprint } from '@fairtrial/protocol'
import type { Experiment, ExperimentDefinition, UnitEvent } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import {
  definition,
  isExposure,
  isOutcome,
  seeded,
  START,
  syntheticLog,
} from '../../../fidelity/test/synthetic-log.ts'
import { HOUR, MINUTE } from '../../test/fixture.ts'
import { harmful, later, setUp } from '../../test/looped.ts'
import { orderRollout } from './order-rollout.ts'

const patient = { maximumDataAge: '6h', minimumUnits: 100 } as const
const guardrails = [
  { metric: 'started', margin: { relative: 0.2 }, action: 'abort', evidence: patient },
] as const

const watched = { ...definition.metrics.watched, event: 'started', type: 'count', window: '1m' } as const
const metrics = { ...definition.metrics, watched }

/** A fifth of control's viewers watch nothing. */
function better(events: readonly UnitEvent[]): UnitEvent[] {
  const arms = new Map(events.filter(isExposure).map((event) => [event.unitId, event.variant]))
  const random = seeded(23)
  return events.map((event) =>
    isOutcome(event) && arms.get(event.unitId) === 'control' && random() < 0.2
      ? { ...event, name: 'noise' }
      : event,
  )
}

const planOf = (ramp: Partial<ExperimentDefinition['ramp']>): Experiment =>
  defineExperiment({ ...definition, metrics, guardrails, ramp: { ...definition.ramp, ...ramp } })

const ada = (action: 'approve' | 'retry' | 'hold' | 'resume', after: number) => ({
  action,
  by: 'ada',
  reason: 'As agreed.',
  now: START + after,
})

describe('a controller', () => {
  it('FAULTS 57: leaves a hold only after its cool-down, which a restart begins anew', async () => {
    const experiment = planOf({ coolDown: '10m' })
    const options = { experiment, consecutiveErrorLimit: 1 }
    const { tickAt, setBroken, store, log } = setUp(syntheticLog({ of: experiment }), options)
    await tickAt(0)
    setBroken(true)
    expect((await tickAt(MINUTE)).state?.status).toBe('holding')
    setBroken(false)
    expect((await tickAt(2 * MINUTE)).decision?.rule).toBe('cooling-down')
    expect((await tickAt(11 * MINUTE)).decision?.rule).toBe('cooling-down')

    const restarted = setUp([], { ...options, store, log })
    expect((await restarted.tickAt(12 * MINUTE)).decision?.rule).toBe('cooling-down')
    expect((await restarted.tickAt(21 * MINUTE)).decision?.rule).toBe('cooling-down')
    expect((await restarted.tickAt(22 * MINUTE)).state).toMatchObject({
      status: 'running',
      holdingSince: null,
    })
  })

  it('keeps with each change of state what it was decided from, by its digests', async () => {
    const { tickAt, store } = setUp(harmful(syntheticLog()))
    await tickAt(0)
    const { evaluation, audit, decision } = await tickAt(33 * MINUTE)
    const kept = (await store.transitions('ranking')).at(-1)?.decision
    expect(kept?.digests).toEqual({ evaluation: fingerprint(evaluation), audit: fingerprint(audit) })
    expect(kept).toEqual(decision)
    expect((await tickAt(34 * MINUTE)).decision?.digests).toBeUndefined()
  })

  it('is left holding by whoever holds it, and goes on when it is resumed', async () => {
    const experiment = planOf({})
    const { tickAt, store } = setUp(syntheticLog({ of: experiment }), { experiment })
    await tickAt(0)
    await orderRollout(store, experiment, ada('hold', MINUTE))
    for (const after of [2 * MINUTE, 40 * MINUTE, 30 * HOUR]) {
      const { state, decision, transitions } = await tickAt(after)
      expect(state).toMatchObject({ status: 'holding', heldBy: 'ada', revision: 2 })
      expect([decision?.rule, transitions]).toEqual(['operator-hold', []])
    }
    const resumed = await orderRollout(store, experiment, ada('resume', 31 * HOUR))
    expect(resumed.state).toMatchObject({ status: 'running', heldBy: null })
  })

  it('takes up a retry with fresh evidence: what the phase before has seen counts for nothing', async () => {
    const experiment = planOf({ coolDown: '10m' })
    const { tickAt, store, append } = setUp(harmful(syntheticLog({ of: experiment })), { experiment })
    await tickAt(0)
    expect((await tickAt(33 * MINUTE)).state?.status).toBe('aborted')
    const early = orderRollout(store, experiment, ada('retry', 35 * MINUTE))
    await expect(early).rejects.toMatchObject({ code: 'refused' })
    await orderRollout(store, experiment, ada('retry', 43 * MINUTE))

    const fresh = await tickAt(44 * MINUTE)
    expect(fresh.state).toMatchObject({ phase: 2, status: 'running', stage: 0, revision: 3 })
    expect(fresh.evaluation).toMatchObject({ phase: 2, units: { control: 0, model: 0 } })
    append(later(syntheticLog({ phase: 2, of: experiment, seed: 4 }), 45 * MINUTE))
    const seen = await tickAt(77 * MINUTE)
    expect(seen.state?.status).toBe('running')
    expect(seen.evaluation?.units['model']).toBeGreaterThan(900)
    expect(seen.evaluation?.units['model']).toBeLessThan(1_100)
  })

  it('asks people last, and bakes what ships until its time is over', async () => {
    const stages = [{ trafficPercent: 100, holdFor: '30m', minimumUnits: 100, approvals: 1 }] as const
    const experiment = planOf({ stages, bake: { for: '1h', holdbackPercent: 25 } })
    const { tickAt, store } = setUp(better(syntheticLog({ of: experiment, units: 6_000 })), { experiment })
    await tickAt(0)
    expect((await tickAt(65 * MINUTE)).decision?.rule).toBe('awaiting-approval')
    const { revision } = (await store.read(experiment.key))!
    await orderRollout(store, experiment, { ...ada('approve', 66 * MINUTE), seen: revision })
    const shipped = await tickAt(67 * MINUTE)
    expect(shipped.state).toMatchObject({ status: 'baking', trafficPercent: 25, shippedVariant: 'model' })
    expect((await tickAt(80 * MINUTE)).decision?.rule).toBe('baking')
    expect((await tickAt(127 * MINUTE)).state).toMatchObject({ status: 'shipped', trafficPercent: 0 })
  })

  it('FAULTS 57: opens no phase for an edit while somebody holds, nor before it has cooled down after an abort', async () => {
    const { tickAt, store } = setUp([], { experiment: planOf({}) })
    await tickAt(0)
    const edited = defineExperiment({
      ...definition,
      hypothesis: { ...definition.hypothesis, horizon: '10d' },
      ramp: { ...definition.ramp, coolDown: '10m' },
    })
    const options = { store, experiment: edited, onChangedDefinition: 'new-phase' } as const
    await orderRollout(store, planOf({}), ada('hold', MINUTE))
    await expect(setUp([], options).tickAt(2 * MINUTE)).rejects.toMatchObject({
      code: 'definition-changed',
      message: expect.stringContaining('ada holds it') as string,
    })
    await orderRollout(store, planOf({}), { ...ada('hold', 3 * MINUTE), action: 'abort' })
    await expect(setUp([], options).tickAt(12 * MINUTE)).rejects.toMatchObject({
      code: 'definition-changed',
      remedy: expect.stringContaining('another 1 min') as string,
    })
    expect((await setUp([], options).tickAt(13 * MINUTE)).state).toMatchObject({
      phase: 2,
      status: 'running',
      fingerprint: edited.fingerprint,
    })
  })
})
