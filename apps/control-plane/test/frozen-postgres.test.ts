import { findPostgres, startPostgres, type OwnPostgres } from '@fairtrial/databases'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { batch, eventsOf, localPlane, NDJSON } from './local-plane.ts'

describe.skipIf('missing' in findPostgres())('a PostgreSQL that hangs', () => {
  let postgres: OwnPostgres
  let plane: Awaited<ReturnType<typeof localPlane>>
  beforeAll(async () => {
    postgres = await startPostgres()
    plane = await localPlane({ postgres: await postgres.createDatabase(), tickMs: 100 })
  })
  afterAll(async () => {
    postgres.thaw()
    await plane.close()
    await plane.remove()
    await postgres.stop()
  })

  it('FAULTS 58: holds up no answer: none is ready, no lease is granted, and an order is refused while it hangs', async () => {
    expect((await plane.get('/v1/state')).status).toBe(200)
    postgres.freeze()
    // Each of these is answered while it is frozen, or never.
    const [state, ready] = await Promise.all([plane.get('/v1/state'), plane.get('/readyz')])
    expect([state.status, ready.status]).toEqual([503, 503])
    expect(await state.json()).toMatchObject({
      code: 'unreachable',
      detail: 'The store has not answered within 1.5 s.',
      remedy: expect.stringMatching(/Clients fall back to control/),
    })
    expect(await ready.json()).toMatchObject({
      reasons: [
        expect.stringMatching(/^The state cannot be read: .*not answered.*asked again\.$/),
        expect.stringMatching(/^The log cannot be written: .*not answered.*asked again\.$/),
      ],
    })
    const order = (action: string) =>
      plane.post(`/v1/experiments/home-row/${action}`, JSON.stringify({ by: 'ada', reason: 'Complaints.' }))
    const send = () => plane.post('/v1/events', batch(eventsOf(['viewer-1', 'viewer-2'])), NDJSON)
    const [hold, abort, sent] = await Promise.all([order('hold'), order('abort'), send()])
    expect([sent.status, await sent.json()]).toMatchObject([503, { code: 'unreachable' }])
    expect([hold.status, abort.status]).toEqual([503, 503])
    expect(await abort.json()).toMatchObject({ code: 'abort-pending' })

    postgres.thaw()
    const aborted = async () => {
      const answer = await plane.get('/v1/state')
      const { states } = (await answer.json()) as { states?: readonly { status: string }[] }
      return states?.[0]?.status
    }
    await expect.poll(aborted, { timeout: 60_000 }).toBe('aborted')
    await expect.poll(async () => (await plane.get('/readyz')).status, { timeout: 60_000 }).toBe(200)
    // What had hung may have been stored; it counts once.
    expect(await (await send()).json()).toMatchObject({ accepted: 4 })
    const units = async () => (await plane.plane.view('home-row')).evaluation?.units
    await expect.poll(units, { timeout: 60_000 }).toEqual({ old: 0, new: 2 })
  })
})
