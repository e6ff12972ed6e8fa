import type { EventLogger } from '@fairtrial/exposure/otel'
import type { TrailEntry } from '@fairtrial/rollout'
import { afterEach, describe, expect, it } from 'vitest'
import { localPlane } from '../test/local-plane.ts'
import { localHosts, startReceiver } from '../test/receiver.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function setUp(answer?: (nth: number) => number, shape: 'json' | 'slack' = 'json') {
  const receiver = await startReceiver(answer)
  const emitted: Parameters<EventLogger['emit']>[0][] = []
  const plane = await localPlane({
    receivers: [{ url: receiver.url, shape }],
    webhookHosts: localHosts,
    logger: { emit: (record) => emitted.push(record) },
  })
  closing.push(receiver.close, plane.remove, plane.close)
  return { plane, receiver, emitted }
}

type Plane = Awaited<ReturnType<typeof localPlane>>
const abort = (plane: Plane) =>
  plane.post('/v1/experiments/home-row/abort', JSON.stringify({ by: 'ada', reason: 'Complaints <!here>.' }))
const served = (plane: Plane, revision: number, sequence: number) =>
  plane.post(
    '/v1/served',
    JSON.stringify({
      schema: 'fairtrial.served/1',
      instanceId: 'web-1',
      sequence,
      reportedAt: 1,
      experiments: [
        {
          experiment: 'home-row',
          revision,
          served: [{ revision, variant: 'new', count: 3, lastServedAt: 1 }],
        },
      ],
    }),
  )
const metricsOf = async (plane: Plane) => (await plane.get('/metrics')).text()
const trailOf = async (plane: Plane) =>
  ((await (await plane.get('/v1/trail')).json()) as { entries: TrailEntry[] }).entries
const patient = { timeout: 10_000 }

describe('whoever is to be told', () => {
  it('hears of the start, a rollback, and its proof, by webhook and by OpenTelemetry', async () => {
    const { plane, receiver, emitted } = await setUp()
    await abort(plane)
    await expect.poll(() => receiver.bodies().map(({ kind }) => kind), patient).toContain('rollback-proved')
    const told = receiver.bodies().filter(({ kind }) => kind !== 'hold')
    expect(told).toMatchObject([
      { schema: 'fairtrial.notification/1', id: 'home-row/1/started', kind: 'started' },
      { kind: 'rollback', severity: 'critical', by: 'ada', status: 'aborted', trafficPercent: 0 },
      { kind: 'rollback-proved', severity: 'info' },
    ])
    expect(emitted.filter(({ eventName }) => eventName.endsWith('rollback'))).toMatchObject([
      {
        eventName: 'experiment.rollout.rollback',
        severityNumber: 17,
        attributes: { 'feature_flag.key': 'home-row', 'experiment.decision.by': 'ada' },
      },
    ])
    expect(await metricsOf(plane)).toMatch(
      /fairtrial_notifications_total\{receiver="1",outcome="delivered"\} [3-9]/,
    )
  })

  it('FAULTS 68: hears it in a chat without being mentioned', async () => {
    const { plane, receiver } = await setUp(undefined, 'slack')
    await abort(plane)
    await expect.poll(() => receiver.received.map(({ body }) => body).join(), patient).toMatch(/TAKEN BACK/)
    const bodies = receiver.received.map(({ body }) => body).join()
    expect(bodies).toContain('Complaints &lt;!here&gt;.')
    expect(bodies).not.toContain('<!here>')
  })

  it('is alarmed while a treatment is served after its rollback: told, counted, and written down', async () => {
    const { plane, receiver } = await setUp()
    await plane.get('/v1/state', { 'fairtrial-instance': 'web-1' })
    await abort(plane)
    const revision = (await plane.plane.view('home-row')).state?.revision ?? 0
    await served(plane, revision, 1)
    await expect.poll(() => receiver.bodies().map(({ kind }) => kind), patient).toContain('still-served')
    const alarm = receiver.bodies().find(({ kind }) => kind === 'still-served')
    expect(alarm).toMatchObject({
      severity: 'critical',
      title: expect.stringMatching(/STILL SERVED/),
      reasons: [`web-1 served new 3 times under revision ${revision}, which withdrew it.`],
    })
    expect(await metricsOf(plane)).toContain('fairtrial_rollback_violations{experiment="home-row"} 1')
    await expect
      .poll(async () => (await trailOf(plane)).find(({ kind }) => kind === 'violation')?.detail, patient)
      .toMatchObject({ proved: false, violations: 1 })
  })

  it('may refuse: it is written down, and stands in nobody’s way', async () => {
    const { plane, receiver } = await setUp(() => 410)
    expect((await abort(plane)).status).toBe(200)
    await expect.poll(() => receiver.received.length, patient).toBeGreaterThan(1)
    await expect
      .poll(async () => (await trailOf(plane)).filter(({ kind }) => kind === 'notification-failed'), patient)
      .toContainEqual(
        expect.objectContaining({
          detail: expect.objectContaining({ kind: 'rollback', outcome: 'refused', why: 'answered 410' }),
        }),
      )
    expect(plane.lines.join('\n')).toMatch(
      /notification home-row\/\d\/rollback to 127\.0\.0\.1: answered 410/,
    )
  })

  it('FAULTS 67: does not let a plane start that would ask inside', async () => {
    for (const url of ['http://127.0.0.1:1/', 'https://169.254.169.254/', 'https://localhost.evil/']) {
      const started = localPlane({
        receivers: [{ url, shape: 'json' }],
        webhookHosts: { allowed: ['hooks.example'], private: [] },
      })
      await expect(started).rejects.toMatchObject({ code: 'invalid-argument' })
    }
  })
})
