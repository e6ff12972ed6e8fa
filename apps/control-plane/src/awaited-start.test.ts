import { createClient } from '@fairtrial/client'
import { httpSource } from '@fairtrial/client/http'
import { memorySink } from '@fairtrial/exposure'
import { defineExperiment, READINESS_CHECKS, type ReadinessCheckName } from '@fairtrial/protocol'
import type { DecisionLog, RolloutHistory, RolloutView, TrailEntry } from '@fairtrial/rollout'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { localPlane } from '../test/local-plane.ts'
import { definition } from '../test/trial.ts'
import type { PlaneNotice } from './notice.ts'
import { transitionNotification } from './notify/notification.ts'

const gated = (start: object) => defineExperiment({ ...definition, ramp: { ...definition.ramp, start } })
const experiment = gated({ readiness: true, approvals: 1 })

const report = (failed: readonly ReadinessCheckName[] = [], change: object = {}) => ({
  schema: 'fairtrial.readiness/1',
  experiment: experiment.key,
  fingerprint: experiment.fingerprint,
  madeAt: Date.now() - 1_000,
  ready: failed.length === 0,
  checks: READINESS_CHECKS.map((check) => {
    const passed = !failed.includes(check)
    return {
      check,
      passed,
      detail: `${check} seen.`,
      remedy: passed ? '' : 'Mend it.',
      evidence: { units: 900 },
    }
  }),
  ...change,
})

let plane: Awaited<ReturnType<typeof localPlane>>
let notices: PlaneNotice[]
beforeEach(async () => {
  notices = []
  plane = await localPlane({ experiments: [experiment], onNotice: (notice) => notices.push(notice) })
})
afterEach(async () => {
  await plane.close()
  await plane.remove()
})

async function order(action: string, more: object = {}) {
  const body = JSON.stringify({ by: 'ada', reason: 'Seen.', ...more })
  const answer = await plane.post(`/v1/experiments/home-row/${action}`, body)
  return [answer.status, await answer.json()] as const
}
const told = async <T>(path: string) => (await plane.get(path)).json() as Promise<T>
const view = () => told<RolloutView>('/v1/experiments/home-row')
const kinds = () =>
  notices.flatMap((notice) =>
    notice.kind === 'transition' ? [transitionNotification(notice.transition).kind] : [],
  )

describe('a start that is awaited', () => {
  it('FEATURES A11: enrols nobody through a client, and starts when the report is given and approved', async () => {
    const sink = memorySink()
    const source = httpSource({ url: plane.url, pollMs: 20 })
    const client = createClient({ experiments: [experiment], source, sink, instanceId: 'web-1' })
    await client.ready()
    const viewers = Array.from({ length: 200 }, (_, i) => ({ unitType: 'viewer', unitId: `viewer-${i}` }))
    const enrolled = () =>
      viewers.map((viewer) => client.assign(experiment, viewer)).filter(({ reason }) => reason === 'assigned')
    for (const viewer of viewers) client.expose(client.assign(experiment, viewer))
    expect(enrolled()).toEqual([])
    expect(viewers.map((viewer) => client.assign(experiment, viewer).variant)).not.toContain('new')

    const { decision, evaluation, error } = await view()
    expect([decision?.rule, evaluation, error]).toEqual(['awaiting-start', null, null])
    expect(await order('ready', { report: report() })).toMatchObject([
      200,
      { readiness: { ready: true }, to: { awaitsStart: true, readiness: { by: 'ada' } } },
    ])
    // A word about what was not seen is none, and one about what is no more neither.
    expect((await order('approve', { by: 'grace' }))[0]).toBe(400)
    expect(await order('approve', { by: 'grace', revision: 1 })).toMatchObject([
      409,
      { code: 'revision-conflict', state: { revision: 2 } },
    ])
    expect(await order('approve', { by: 'grace', revision: 2 })).toMatchObject([
      200,
      { to: { approvals: [{ by: 'grace' }] } },
    ])
    await expect.poll(() => enrolled().length, { timeout: 20_000 }).toBeGreaterThan(50)
    const { exposures } = await client.close()
    // Nobody has met anything before.
    expect(exposures.offered).toBe(0)

    expect((await view()).state).toMatchObject({ status: 'running', revision: 4, trafficPercent: 50 })
    expect(kinds()).toEqual(['awaiting-start', 'ready', 'approval', 'started'])
    const { entries } = await told<DecisionLog>('/v1/experiments/home-row/decisions')
    expect(entries.map(({ rule, by }) => rule ?? by)).toEqual(['start', 'grace', 'ada', 'controller'])
    expect(entries[0]?.evidence['start']).toMatchObject({ approvedBy: ['grace'] })
    const { points } = await told<RolloutHistory>('/v1/experiments/home-row/history')
    expect(points[0]).toMatchObject({ status: 'holding', trafficPercent: 0, units: {} })
    const trail = await told<{ entries: readonly TrailEntry[] }>('/v1/trail')
    const given = trail.entries.find(({ detail }) => detail['readiness'] !== undefined)
    expect(given?.detail['readiness']).toMatchObject({ checks: { length: 5 } })
  })

  it('FEATURES A11: refuses a report that fails, is of another definition, or is none, and says so', async () => {
    expect(await order('ready', { report: report(['sample-ratio']) })).toMatchObject([
      409,
      { code: 'refused', detail: expect.stringContaining('sample-ratio'), state: { awaitsStart: true } },
    ])
    const other = report([], { fingerprint: 'b'.repeat(64) })
    expect((await order('ready', { report: other }))[0]).toBe(409)
    expect((await order('ready', { report: report([], { madeAt: Date.now() + 600_000 }) }))[0]).toBe(409)
    expect((await order('ready', { report: { ready: true } }))[0]).toBe(400)
    expect((await order('ready'))[0]).toBe(400)
    const deep = `${'{"a":'.repeat(99)}1${'}'.repeat(99)}`
    const body = `{"by":"ada","reason":"r","report":${deep}}`
    expect((await plane.post('/v1/experiments/home-row/ready', body)).status).toBe(400)
    expect((await order('ready', { report: report([], { padding: 'x'.repeat(300_000) }) }))[0]).toBe(413)
    expect((await view()).state?.revision).toBe(1)
    expect(notices.filter(({ kind }) => kind === 'order-refused')).toHaveLength(7)
  })

  it('FEATURES J4: is overridden with a reason by an admin who is not the one who approved', async () => {
    expect(await order('advance')).toMatchObject([
      409,
      { detail: 'The start asks for 1 approvals and has 0.' },
    ])
    await order('approve', { revision: 1 })
    expect(await order('advance')).toMatchObject([409, { code: 'refused' }])
    expect(await order('advance', { by: 'grace', reason: 'The plan is urgent.' })).toMatchObject([
      200,
      { to: { status: 'running', cause: 'The plan is urgent.', readiness: null } },
    ])
  })

  it('FEATURES A11: is kept over a restart, with the report', async () => {
    await order('ready', { report: report() })
    await plane.close()
    plane = await localPlane({ experiments: [experiment], directory: plane.directory })
    expect((await view()).state).toMatchObject({ awaitsStart: true, readiness: { by: 'ada' } })
    // The gate is no part of the design, but the phase was opened with it: the people that it asks for are asked for.
    await plane.close()
    plane = await localPlane({ experiments: [gated({})], directory: plane.directory })
    await expect.poll(async () => (await view()).decision?.rule, { timeout: 20_000 }).toBe('awaiting-start')
    expect((await view()).decision?.reasons).toEqual([
      expect.stringContaining('1 must approve, and nobody yet did'),
      expect.stringContaining('The plan asks for less since then'),
    ])
    await order('approve', { revision: 2 })
    await expect.poll(async () => (await view()).state?.status, { timeout: 20_000 }).toBe('running')
    await plane.close()
    plane = await localPlane({ experiments: [experiment], directory: plane.directory })
    expect((await view()).state).toMatchObject({ status: 'running', awaitsStart: false })
  })

  it('FAULTS 64: refuses a report that is too large, and says what to send', async () => {
    const huge = { ...report(), padding: 'x'.repeat(300_000) }
    expect(await order('ready', { report: huge })).toMatchObject([
      413,
      { code: 'body-too-large', remedy: expect.stringContaining('give what fairtrial ready has written') },
    ])
  })

  it('shows the last report, and of those before no more than their digests; the journal has each', async () => {
    await order('ready', { report: report() })
    expect(await order('ready', { report: report([], { madeAt: Date.now() }) })).toMatchObject([
      409,
      { detail: expect.stringContaining('one a minute is taken') },
    ])
    await order('abort')
    await order('retry')
    // What was found before the end says nothing of what was mended since.
    expect(await order('ready', { report: report() })).toMatchObject([
      409,
      { detail: expect.stringContaining('older than what phase 1 has shown') },
    ])
    const again = report([], { madeAt: Date.now() })
    expect((await order('ready', { report: again }))[0]).toBe(200)
    const { transitions } = await view()
    expect(transitions.filter(({ to }) => to.readiness).length).toBeGreaterThan(1)
    expect(transitions.flatMap(({ readiness }) => readiness?.madeAt ?? [])).toEqual([again.madeAt])
    const trail = await told<{ entries: readonly TrailEntry[] }>('/v1/trail')
    expect(trail.entries.filter(({ detail }) => detail['readiness'] !== undefined)).toHaveLength(2)
  })
})
