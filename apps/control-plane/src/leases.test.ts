import { afterAll, beforeAll, expect, it } from 'vitest'
import { localPlane } from '../test/local-plane.ts'

let plane: Awaited<ReturnType<typeof localPlane>>
beforeAll(async () => {
  plane = await localPlane()
})
afterAll(async () => {
  await plane.close()
  await plane.remove()
})

const report = (instanceId: string, sequence: number, reportedAt: number, variant: string) => {
  const served = [{ revision: 1, variant, count: 1, lastServedAt: 1 }]
  const experiments = [{ experiment: 'home-row', revision: 1, served }]
  return JSON.stringify({ schema: 'fairtrial.served/1', instanceId, sequence, reportedAt, experiments })
}

it('FAULTS 60: whoever asks for state without a name is granted a lease too, which a proof waits for', async () => {
  expect((await plane.get('/v1/state')).status).toBe(200)
  const stop = new AbortController()
  expect((await fetch(`${plane.url}/v1/state/stream`, { signal: stop.signal })).status).toBe(200)
  stop.abort()
  expect(plane.plane.instanceCount()).toBe(1)
  await plane.post('/v1/experiments/home-row/abort', '{"by":"ada","reason":"Complaints."}')
  const { proof } = await plane.plane.view('home-row')
  expect(proof).toMatchObject({
    proved: false,
    waitingFor: [expect.stringMatching(/^who gave no name has not reported; its lease ends in /)],
  })
  const theirs = await plane.post('/v1/served', report('who gave no name', 1, 1, 'old'))
  expect([theirs.status, await theirs.json()]).toMatchObject([400, { code: 'invalid-instance' }])
})

it('FAULTS 60: a report from the future shuts up nobody', async () => {
  const forged = report('web-1', 9e15, 9e15, 'old')
  expect((await plane.post('/v1/served', forged)).status).toBe(200)
  await new Promise((resolve) => void setTimeout(resolve, 5))
  expect((await plane.post('/v1/served', report('web-1', 7, Date.now(), 'new'))).status).toBe(200)
  expect((await plane.plane.view('home-row')).proof?.lastTreatmentServedAt).toBe(1)
})
