import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineExperiment } from '@fairtrial/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localPlane } from '../test/local-plane.ts'
import { definition } from '../test/trial.ts'

const stages = [
  { trafficPercent: 10, holdFor: '1h', minimumUnits: 100, approvals: 2 },
  { trafficPercent: 50, holdFor: '1h', minimumUnits: 100 },
  { trafficPercent: 100, holdFor: '1h', minimumUnits: 100 },
] as const
const experiment = defineExperiment({ ...definition, ramp: { stages } })

let plane: Awaited<ReturnType<typeof localPlane>>
beforeAll(async () => {
  // One look and no more: what changes the state here is people.
  plane = await localPlane({ experiments: [experiment], tickMs: 3_600_000 })
})
afterAll(async () => {
  await plane.close()
  await plane.remove()
})

interface Answer {
  readonly code?: string
  readonly to?: { readonly revision: number }
  readonly detail: string
  readonly remedy: string
  readonly state?: { readonly revision: number }
}

async function order(action: string, by = 'ada', more: object = {}): Promise<[number, Answer]> {
  const body = JSON.stringify({ by, reason: 'Because.', ...more })
  const answer = await plane.post(`/v1/experiments/home-row/${action}`, body)
  return [answer.status, (await answer.json()) as Answer]
}

describe('orders', () => {
  it('are taken where the state allows them, and refused with it where not', async () => {
    expect(await order('advance')).toMatchObject([409, { code: 'refused', state: { stage: 0 } }])
    expect(await order('approve', 'ada', { revision: 1 })).toMatchObject([
      200,
      { to: { approvals: [{ by: 'ada' }] } },
    ])
    expect(await order('approve', 'ada', { revision: 2 })).toMatchObject([
      409,
      { code: 'refused', state: { revision: 2 } },
    ])
    expect(await order('approve', 'grace', { revision: 2 })).toMatchObject([200, { to: { revision: 3 } }])
    const refused = await order('resume')
    expect(refused).toMatchObject([409, { code: 'refused', remedy: expect.stringMatching(/\S/) as string }])
    // What to do is said once, in its own field.
    expect(refused[1].detail).not.toContain(refused[1].remedy)
    expect(await order('hold')).toMatchObject([200, { to: { status: 'holding', heldBy: 'ada' } }])
    expect(await order('hold')).toMatchObject([409, { code: 'finished', state: { heldBy: 'ada' } }])
    expect(await order('advance')).toMatchObject([409, { code: 'refused' }])
    expect(await order('resume', 'grace')).toMatchObject([200, { to: { status: 'running', heldBy: null } }])
    expect(await order('advance')).toMatchObject([200, { to: { stage: 1, trafficPercent: 50 } }])
    expect(await order('retry')).toMatchObject([409, { code: 'refused' }])
    expect(await order('abort')).toMatchObject([200, { to: { status: 'aborted', trafficPercent: 0 } }])
    expect(await order('retry')).toMatchObject([200, { to: { phase: 2, status: 'running', stage: 0 } }])
    expect(await order('promote')).toMatchObject([404, { code: 'not-found' }])
    const { transitions } = await plane.plane.view('home-row')
    expect(transitions.map(({ to }) => to.revision)).toEqual(transitions.map((_, i) => i + 1))
  })

  it('FAULTS 59: of two who saw one state, the second is told the one that is in force', async () => {
    const { revision = 0 } = (await plane.plane.view('home-row')).state ?? {}
    expect(await order('hold', 'ada', { revision })).toMatchObject([200, { to: { revision: revision + 1 } }])
    expect(await order('resume', 'grace', { revision })).toMatchObject([
      409,
      { code: 'revision-conflict', state: { revision: revision + 1, heldBy: 'ada' } },
    ])
    // An abort always wins.
    expect(await order('abort', 'grace', { revision })).toMatchObject([200, { to: { status: 'aborted' } }])
  })

  it('FAULTS 59: of many at one time, each is a transition or is told why not', async () => {
    await order('retry')
    const before = (await plane.plane.view('home-row')).transitions.length
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => order(i % 3 === 0 ? 'abort' : 'hold', `person ${i}`)),
    )
    const done = answers.filter(([status]) => status === 200)
    for (const [status, { code, state }] of answers) {
      if (status !== 200) expect([status, code, state !== undefined]).toEqual([409, expect.any(String), true])
    }
    const { transitions, state } = await plane.plane.view('home-row')
    expect(transitions.length - before).toBe(done.length)
    expect(new Set(transitions.map(({ to }) => to.revision)).size).toBe(transitions.length)
    expect(state?.status).toBe('aborted')
  })

  it.each([
    [{ revision: 0 }, 'revision'],
    [{ revision: '1' }, 'revision'],
    [{ revision: 1.5 }, 'revision'],
    [{ reason: '   ' }, 'reason'],
    [{ by: 'x'.repeat(1001) }, 'by'],
  ])('are refused where they say %j', async (body, field) => {
    expect(await order('hold', 'ada', body)).toMatchObject([
      400,
      { code: 'invalid-argument', detail: expect.stringContaining(field) as string },
    ])
  })

  it('are signed by nobody in the name of the loop', async () => {
    for (const by of ['controller', ' Controller ']) {
      expect(await order('abort', by)).toMatchObject([400, { code: 'invalid-argument' }])
      const note = JSON.stringify({ kind: 'note', text: 'All is well.', by })
      expect((await plane.post('/v1/experiments/home-row/notes', note)).status).toBe(400)
    }
  })

  it('FAULTS 61: go not past what nobody has seen: an advance waits for a look that succeeds', async () => {
    const other = await localPlane({ tickMs: 20 })
    const log = join(other.directory, 'log')
    const advance = async () => {
      const answer = await other.post('/v1/experiments/home-row/advance', '{"by":"ada","reason":"Now."}')
      return [answer.status, await answer.json()]
    }
    try {
      await mkdir(log, { recursive: true })
      await rename(log, `${log}.away`)
      await writeFile(log, 'a file where a folder should be')
      await expect
        .poll(async () => (await other.plane.view('home-row')).error, { timeout: 20_000 })
        .not.toBeNull()
      expect(await advance()).toMatchObject([409, { code: 'refused', state: { stage: 0 } }])
    } finally {
      await other.close()
      await other.remove()
    }
  })
})
