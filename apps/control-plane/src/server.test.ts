import { connect } from 'node:net'
import { once } from 'node:events'
import type { Snapshot, TransitionEvent } from '@fairtrial/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { batch, eventsOf, localPlane, NDJSON } from '../test/local-plane.ts'

let plane: Awaited<ReturnType<typeof localPlane>>
beforeAll(async () => {
  plane = await localPlane()
})
afterAll(async () => {
  await plane.close()
  await plane.remove()
})

describe('GET /v1/state', () => {
  it('grants the states on a lease, and renews it by 304 while they stay', async () => {
    const first = await plane.get('/v1/state', { 'fairtrial-instance': 'pod/1' })
    expect(first.status).toBe(200)
    expect(first.headers.get('fairtrial-valid-for-ms')).toBe('60000')
    expect(first.headers.get('cache-control')).toBe('no-store')
    const snapshot = (await first.json()) as Snapshot
    expect(snapshot).toMatchObject({
      schema: 'fairtrial.snapshot/1',
      revision: 1,
      states: [{ experiment: 'home-row', status: 'running', trafficPercent: 50 }],
    })
    expect(snapshot.validUntil - snapshot.issuedAt).toBe(60_000)

    const etag = String(first.headers.get('etag'))
    const again = await plane.get('/v1/state', { 'if-none-match': etag })
    expect(again.status).toBe(304)
    expect(again.headers.get('fairtrial-valid-for-ms')).toBe('60000')
    expect(await again.text()).toBe('')
    expect((await plane.get('/v1/state', { 'if-none-match': '"other"' })).status).toBe(200)
  })

  it('refuses what is not the id of an instance', async () => {
    const response = await plane.get('/v1/state', { 'fairtrial-instance': 'x'.repeat(129) })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'invalid-instance' })
  })

  it('signs no nonce that could say something else', async () => {
    for (const nonce of ['x'.repeat(129), 'a b']) {
      for (const path of ['/v1/state', '/v1/state/stream']) {
        const response = await plane.get(path, { 'fairtrial-nonce': nonce })
        expect([response.status, await response.json()]).toMatchObject([400, { code: 'invalid-nonce' }])
      }
    }
  })
})

describe('POST /v1/events', () => {
  it('answers with counts, and the loop sees what it took', async () => {
    const body = `${batch(eventsOf(['viewer-1', 'viewer-2']))}{"schema":"fairtrial.outcome/1"}\n`
    const response = await plane.post('/v1/events', body, NDJSON)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ accepted: 4, duplicates: 0, rejected: [{ line: 5 }] })
    const retry = await plane.post('/v1/events', body, NDJSON)
    expect(await retry.json()).toMatchObject({ accepted: 0, duplicates: 4, rejected: [{ line: 5 }] })
    await expect
      .poll(async () => (await plane.plane.view('home-row')).audit?.counts, { timeout: 10_000 })
      .toMatchObject({ exposures: 2, outcomes: 2 })
  })

  it.each([
    ['another content type', 415, 'unsupported-content-type', { 'content-type': 'text/plain' }],
    ['a compressed body', 415, 'unsupported-content-encoding', { ...NDJSON, 'content-encoding': 'gzip' }],
  ])('FAULTS 64: refuses %s', async (_, status, code, headers) => {
    const response = await plane.post('/v1/events', batch(eventsOf(['viewer-9'])), headers)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ code })
  })

  it('FAULTS 64: refuses a body that is too large by its declared length, and answers', async () => {
    const response = await plane.post('/v1/events', ' '.repeat(5 * 1024 * 1024), NDJSON)
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ code: 'body-too-large' })
  })

  it('FAULTS 64: refuses a body that grows too large without a declared length, and answers', async () => {
    const chunk = new Uint8Array(256 * 1024).fill(0x20)
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent++ < 24) controller.enqueue(chunk)
        else controller.close()
      },
    })
    const init = { method: 'POST', headers: NDJSON, body, duplex: 'half' } as RequestInit
    const response = await fetch(`${plane.url}/v1/events`, init)
    expect(response.status).toBe(413)
  })

  it('takes no harm from a client that hangs up in the middle', async () => {
    const socket = connect(Number(new URL(plane.url).port), '127.0.0.1')
    socket.write('POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-ndjson\r\n')
    socket.write('content-length: 1000\r\n\r\nhalf of it')
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.destroy()
    await once(socket, 'close')
    expect((await plane.get('/healthz')).status).toBe(200)
    expect(plane.lines.filter((line) => line.startsWith('internal'))).toEqual([])
  })
})

describe('POST /v1/served', () => {
  it('takes a report', async () => {
    const report = {
      schema: 'fairtrial.served/1',
      instanceId: 'a',
      sequence: 1,
      reportedAt: 1,
      experiments: [],
    }
    const response = await plane.post('/v1/served', JSON.stringify(report))
    expect([response.status, await response.json()]).toEqual([200, { accepted: true }])
  })

  it.each([
    ['what is no report', '{"schema":"fairtrial.served/1"}', 'invalid-event'],
    ['what is no JSON', '{', 'malformed-json'],
    ['what is nested deeply', '['.repeat(100_000) + ']'.repeat(100_000), 'too-deep'],
    ['what is not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'malformed-json'],
  ])('FAULTS 64: refuses %s', async (_, body, code) => {
    const response = await plane.post('/v1/served', body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      code,
      detail: expect.any(String),
      remedy: expect.any(String),
    })
  })

  it('FAULTS 64: refuses a report that is too large', async () => {
    expect((await plane.post('/v1/served', `"${'x'.repeat(300_000)}"`)).status).toBe(413)
  })
})

describe('every route', () => {
  it('FAULTS 62: answers this machine only, by its own names', async () => {
    const socket = connect(Number(new URL(plane.url).port), '127.0.0.1')
    socket.end('GET /v1/state HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n')
    let answer = ''
    for await (const chunk of socket) answer += String(chunk)
    expect(answer).toMatch(/^HTTP\/1.1 403 /)
    expect(answer).toContain('foreign-host')
    expect(new URL(plane.url).hostname).toBe('127.0.0.1')
  })

  it('says what is not there, and what is not done', async () => {
    expect((await plane.get('/v2/state')).status).toBe(404)
    const unknown = await plane.get('/v1/experiments/other')
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: 'unknown-experiment' }])
    const response = await plane.post('/v1/state', '{}')
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET')
    expect((await plane.get('/v1/experiments/home-row/abort')).status).toBe(405)
  })
})

describe('POST /v1/experiments/:key/abort', () => {
  const path = '/v1/experiments/home-row/abort'

  it('asks who aborts, and why', async () => {
    for (const body of ['{}', '{"by":"ada"}', '{"by":"ada","reason":" "}', '{"by":7,"reason":"x"}', 'null']) {
      const response = await plane.post(path, body)
      expect([response.status, await response.json()]).toMatchObject([400, { code: 'invalid-argument' }])
    }
    expect((await plane.plane.view('home-row')).state?.status).not.toBe('aborted')
  })

  it('FAULTS 59: answers with the transition; whoever is second is told the state', async () => {
    const order = JSON.stringify({ by: 'ada', reason: 'Complaints.' })
    const answers = await Promise.all([plane.post(path, order), plane.post(path, order)])
    answers.sort((a, b) => a.status - b.status)
    expect(answers.map(({ status }) => status)).toEqual([200, 409])
    const [won, lost] = await Promise.all(answers.map((answer) => answer.json() as Promise<TransitionEvent>))
    expect(won).toMatchObject({
      schema: 'fairtrial.transition/1',
      by: 'ada',
      reason: 'Complaints.',
      to: { status: 'aborted' },
    })
    expect(lost).toMatchObject({ code: 'finished', state: won?.to })
    const state = await plane.get('/v1/state')
    expect(await state.json()).toMatchObject({
      states: [{ status: 'aborted', trafficPercent: 0 }],
    })
  })
})
