import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { batchOf } from '../index.ts'
import { sampleExposure, sampleOutcome, sinkContract } from '../testing/index.ts'
import { httpSink } from './index.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** Answers each request by its body. */
async function serve(
  answer: (body: string, headers: Record<string, unknown>) => [status: number, body: unknown] | undefined,
) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const answered = answer(Buffer.concat(chunks).toString(), {
        ...request.headers,
        method: request.method,
      })
      if (answered === undefined) return
      response.writeHead(answered[0], { 'content-type': 'application/json' })
      response.end(typeof answered[1] === 'string' ? answered[1] : JSON.stringify(answered[1]))
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const batch = batchOf([sampleExposure(), sampleOutcome()])
const taken = { accepted: 1, duplicates: 1, rejected: [] }

describe('httpSink', () => {
  const contract = sinkContract(async () => {
    const lines: string[] = []
    const url = await serve((body) => {
      const received = body.split('\n').slice(0, -1)
      lines.push(...received)
      return [200, { accepted: received.length, duplicates: 0, rejected: [] }]
    })
    return { sink: httpSink({ url }), lines: async () => lines }
  })
  for (const { name, run } of contract) it(name, run)
})

it('posts NDJSON, with the headers it was given', async () => {
  let seen: Record<string, unknown> = {}
  const url = await serve((_, headers) => {
    seen = headers
    return [202, taken]
  })
  expect(await httpSink({ url, headers: { authorization: 'Bearer x' } }).deliver(batch)).toEqual({
    rejected: [],
  })
  expect(seen).toMatchObject({
    method: 'POST',
    'content-type': 'application/x-ndjson',
    authorization: 'Bearer x',
  })
})

it('hands on which lines were refused, and why', async () => {
  const rejected = [{ line: 2, code: 'invalid-event', detail: 'value is not a number' }]
  const url = await serve(() => [200, { accepted: 1, duplicates: 0, rejected }])
  expect(await httpSink({ url }).deliver(batch)).toEqual({ rejected })
})

it('takes a status of 4xx for good, where it is the events that are wrong', async () => {
  for (const status of [400, 409, 415, 422]) {
    const url = await serve(() => [status, 'no'])
    expect(await httpSink({ url }).deliver(batch)).toEqual({
      rejected: [1, 2].map((line) => ({ line, code: `http-${status}`, detail: 'no' })),
    })
  }
  for (const status of [401, 403, 404, 405]) {
    const url = await serve(() => [status, 'no'])
    await expect(httpSink({ url }).deliver(batch)).rejects.toMatchObject({ code: 'misconfigured' })
  }
  const url = await serve(() => [413, 'no'])
  await expect(httpSink({ url }).deliver(batch)).rejects.toMatchObject({ code: 'too-large' })
  for (const status of [408, 429, 500, 502, 503]) {
    const url = await serve(() => [status, 'later'])
    await expect(httpSink({ url }).deliver(batch)).rejects.toMatchObject({ code: 'unreachable' })
  }
})

it('does not believe an answer that does not account for every line', async () => {
  for (const answer of [
    {},
    null,
    [],
    { accepted: 1, duplicates: 0, rejected: [] },
    { accepted: 2 },
    'not json',
  ]) {
    const url = await serve(() => [200, answer])
    await expect(httpSink({ url }).deliver(batch)).rejects.toThrow()
  }
})

it('follows no redirect: what answers there was never sent the batch', async () => {
  const elsewhere = await serve(() => [200, { accepted: 2, duplicates: 0, rejected: [] }])
  const server = createServer((_, response) => response.writeHead(302, { location: elsewhere }).end())
  servers.push(server)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await expect(httpSink({ url }).deliver(batch)).rejects.toThrow()
})

it.each([200, 422, 500])('holds a bounded part of an answer of %i that never ends', async (status) => {
  let pulled = 0
  let isCancelled = false
  const body = () =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 100_000
        controller.enqueue(new Uint8Array(100_000).fill(0x20))
      },
      cancel: () => {
        isCancelled = true
      },
    })
  const sink = httpSink({ url: 'http://127.0.0.1:1', fetch: async () => new Response(body(), { status }) })
  await sink.deliver(batch).catch(() => undefined)
  expect(isCancelled).toBe(true)
  expect(pulled).toBeLessThan(6_000_000)
})

it('gives up an attempt after its timeout, and at once when it is closed', async () => {
  const url = await serve(() => undefined)
  await expect(httpSink({ url, timeoutMs: 20 }).deliver(batch)).rejects.toThrow()
  const sink = httpSink({ url, timeoutMs: 60_000 })
  const delivery = sink.deliver(batch)
  await sink.close()
  await expect(delivery).rejects.toThrow()
})

it('refuses what is no address when it is made, not when it is used', () => {
  expect(() => httpSink({ url: 'control-plane' })).toThrow(/"control-plane" is not an address/)
  // A host with a port reads as a scheme.
  expect(() => httpSink({ url: 'localhost:4600' })).toThrow(/"localhost:4600" is not an address/)
  for (const timeoutMs of [0, Number.NaN, '5s' as never])
    expect(() => httpSink({ url: 'http://127.0.0.1:1', timeoutMs })).toThrow(/httpSink\.timeoutMs is /)
  expect(() => httpSink({ url: 'http://127.0.0.1:1', fetch: 'node' as never })).toThrow(/httpSink\.fetch/)
})
