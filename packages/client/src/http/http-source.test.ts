import type { ServerResponse } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import { memorySink } from '@fairtrial/exposure'
import type { Snapshot } from '@fairtrial/protocol'
import { autoplay, viewer } from '../../test/autoplay.ts'
import { eventually, onLoopback } from '../../test/loopback.ts'
import { createClient } from '../client.ts'
import type { Inquiry, SnapshotMemory } from '../source.ts'
import { snapshotOf, stateFor, stateSourceContract } from '../testing/index.ts'
import { httpReporter } from './http-reporter.ts'
import { httpSource } from './http-source.ts'

const first = snapshotOf([stateFor(autoplay)])
const next = snapshotOf([stateFor(autoplay, { revision: 2, status: 'aborted', trafficPercent: 0 })])
const inquiry = (tag: string | null = null): Inquiry => ({
  tag,
  instanceId: 'a',
  signal: new AbortController().signal,
})

describe('httpSource', () => {
  for (const [i, { title }] of stateSourceContract(first, next, () => ({}) as never).entries()) {
    it(`keeps the contract: ${title}`, async () => {
      let served = first
      await onLoopback(
        (request, response) => {
          const etag = `"${served.revision}"`
          if (request.headers['if-none-match'] === etag) {
            response.writeHead(304, { etag, 'fairtrial-valid-for-ms': '30000' }).end()
          } else response.writeHead(200, { etag }).end(JSON.stringify(served))
        },
        async (url) => {
          const contract = stateSourceContract(first, next, () => {
            served = first
            return { source: httpSource({ url }), publish: (snapshot) => void (served = snapshot) }
          })
          await contract[i]!.check()
        },
      )
    })
  }

  it('says who asks and what it has, and takes the lease of a 304 from its header', async () => {
    const asked: unknown[] = []
    await onLoopback(
      (request, response) => {
        const {
          'fairtrial-instance': instance,
          'if-none-match': tag,
          'cache-control': cache,
        } = request.headers
        asked.push([request.method, request.url, instance, tag, cache])
        if (tag === undefined) response.writeHead(200, { etag: 'W/"7"' }).end(JSON.stringify(first))
        else response.writeHead(304, { 'fairtrial-valid-for-ms': '12345' }).end()
      },
      async (url) => {
        const source = httpSource({ url: `${url}/fairtrial/` })
        expect(await source.read(inquiry())).toEqual({ snapshot: first, tag: 'W/"7"' })
        expect(await source.read(inquiry('W/"7"'))).toEqual({ validForMs: 12_345 })
      },
    )
    expect(asked).toEqual([
      ['GET', '/fairtrial/v1/state', 'a', undefined, 'no-cache'],
      ['GET', '/fairtrial/v1/state', 'a', 'W/"7"', 'no-cache'],
    ])
  })

  it('says what is wrong where no state can be had', async () => {
    const answers: [(response: ServerResponse) => void, string, RegExp][] = [
      [(r) => r.writeHead(500).end('no'), 'refused', /answered 500/],
      [(r) => r.writeHead(401).end('no'), 'refused', /answered 401.*token of the role service/],
      [(r) => r.writeHead(302, { location: '/' }).end(), 'unreachable', /redirect/],
      [(r) => r.writeHead(304).end(), 'refused', /fairtrial-valid-for-ms null/],
      [(r) => r.writeHead(304, { 'fairtrial-valid-for-ms': '1e9' }).end(), 'refused', /"1e9"/],
      [(r) => r.end('<html>'), 'invalid-state', /no JSON/],
      [(r) => r.end(Buffer.from([0x22, 0xff, 0x22])), 'unreachable', /encoded data/],
      [
        (r) => r.writeHead(200, { 'content-length': '99' }).write('{') && r.destroy(),
        'unreachable',
        /cannot be reached/,
      ],
      [() => undefined, 'unreachable', /no whole answer within 50 ms/],
      [(r) => r.write('{'), 'unreachable', /no whole answer within 50 ms/],
    ]
    for (const [answer, code, message] of answers) {
      await onLoopback(
        (_, response) => answer(response),
        async (url) => {
          const refusal: unknown = await Promise.resolve(
            httpSource({ url, timeoutMs: message.source.includes('50 ms') ? 50 : 20_000 }).read(inquiry()),
          ).catch((error: unknown) => error)
          expect(refusal).toMatchObject({ name: 'ExperimentError', code })
          expect(String(refusal)).toMatch(message)
        },
      )
    }
    const gone = httpSource({ url: 'http://127.0.0.1:1' }).read(inquiry())
    await expect(gone).rejects.toMatchObject({ code: 'unreachable' })
    expect(() => httpSource({ url: 'control-plane' })).toThrow('is not an address')
  })

  it('FAULTS 2: refuses a body of 50 MB before it is parsed, and reads no more of it than the limit', async () => {
    const chunk = Buffer.alloc(100_000, ' ')
    for (const declared of [true, false]) {
      let sent = 0
      const parse = vi.spyOn(JSON, 'parse')
      await onLoopback(
        (_, response) => {
          if (declared) response.setHeader('content-length', 50_000_000)
          const send = () => {
            while (sent < 50_000_000 && !response.destroyed) {
              sent += chunk.length
              if (!response.write(chunk)) return void response.once('drain', send)
            }
            response.end()
          }
          send()
        },
        async (url) => {
          const reading = httpSource({ url }).read(inquiry())
          await expect(reading).rejects.toMatchObject({
            code: 'refused',
            message: expect.stringContaining('more than 5000000 bytes') as string,
          })
        },
      )
      // The test runner parses too, but nothing of that size.
      expect(parse.mock.calls.filter(([text]) => text.length > 1_000_000)).toEqual([])
      parse.mockRestore()
      // The rest is what the sockets hold between the two ends.
      expect(sent).toBeLessThan(25_000_000)
    }
  })

  it('FAULTS 2: believes a declared length without reading a byte, and lets go of what it does not read', async () => {
    let pulled = 0
    let signal: AbortSignal | null | undefined
    const body = new ReadableStream({ pull: () => void (pulled += 1) }, { highWaterMark: 0 })
    const fetch = async (_: string, init: RequestInit) => {
      signal = init.signal
      return new Response(body, { headers: { 'content-length': '5000001' } })
    }
    const reading = httpSource({ url: 'http://localhost', fetch }).read(inquiry())
    await expect(reading).rejects.toMatchObject({ code: 'refused' })
    expect(pulled).toBe(0)
    expect(signal?.aborted).toBe(true)
  })
})

describe('a client over HTTP', () => {
  it('FAULTS 10, 12: keeps the last good state through every kind of bad answer, and takes the next good one', async () => {
    const bad: ((response: ServerResponse) => void)[] = [
      (r) => r.writeHead(503).end(),
      (r) => r.end('{"schema":'),
      (r) => r.end('null'),
      (r) => r.end(JSON.stringify({ ...next, schema: 'fairtrial.snapshot/2' })),
      (r) => r.end(JSON.stringify({ ...next, states: [{ ...next.states[0], trafficPercent: 101 }] })),
      (r) => r.end(JSON.stringify({ ...next, revision: 0 })),
      (r) => r.destroy(),
    ]
    let polls = 0
    let isGood = false
    const reported: string[] = []
    await onLoopback(
      (request, response) => {
        if (request.method === 'POST') {
          request.setEncoding('utf8').on('data', (text: string) => void reported.push(text))
          request.on('end', () => response.writeHead(204).end())
          return
        }
        polls += 1
        if (polls === 1) response.end(JSON.stringify(first))
        else if (isGood) response.end(JSON.stringify(next))
        else bad[polls % bad.length]!(response)
      },
      async (url) => {
        const client = createClient({
          experiments: [autoplay],
          source: httpSource({ url, pollMs: 2, maximumBackoffMs: 2 }),
          sink: memorySink(),
          reportServed: httpReporter({ url }),
          reportEveryMs: 5,
          instanceId: 'a',
        })
        expect(await client.ready()).toBe(true)
        await eventually(() => polls > 3 * bad.length)
        expect(client.assign(autoplay, viewer('1'))).toMatchObject({ reason: 'assigned', revision: 1 })
        const { source } = client.status()
        expect(source.failures).toBeGreaterThan(bad.length)
        expect(source.ignored).toBeGreaterThan(1)

        isGood = true
        await eventually(() => client.status().revision === 2)
        expect(client.assign(autoplay, viewer('1')).reason).toBe('aborted')
        await client.close()
      },
    )
    const last = JSON.parse(reported.at(-1)!) as { experiments: unknown[] }
    expect(last.experiments).toMatchObject([
      {
        experiment: 'autoplay',
        revision: 2,
        served: [
          { revision: 1, count: 1 },
          { revision: 2, variant: null, count: 1 },
        ],
      },
    ])
  })

  it('starts from what it remembers while the control plane is away; what has lapsed meanwhile has lapsed', async () => {
    for (const [ago, reason] of [
      [10_000, 'assigned'],
      [40_000, 'stale-state'],
    ] as const) {
      const issuedAt = Date.now() - ago
      let remembered: Snapshot = { ...first, issuedAt, validUntil: issuedAt + 30_000 }
      const lastGood: SnapshotMemory = {
        recall: async () => remembered,
        keep: async (snapshot) => void (remembered = snapshot),
      }
      const client = createClient({
        experiments: [autoplay],
        source: httpSource({ url: 'http://127.0.0.1:1', lastGood }),
        sink: memorySink(),
        instanceId: 'a',
      })
      await eventually(() => client.status().revision === 1)
      expect(client.assign(autoplay, viewer('1')).reason).toBe(reason)
      await client.close()
    }
  })
})

describe('httpReporter', () => {
  it('rejects where the report did not arrive', async () => {
    const report = {
      schema: 'fairtrial.served/1',
      instanceId: 'a',
      sequence: 1,
      reportedAt: 0,
      experiments: [],
    } as const
    await onLoopback(
      (_, response) => void response.writeHead(400).end('{"code":"no"}'),
      async (url) => {
        await expect(httpReporter({ url })(report)).rejects.toMatchObject({ code: 'refused' })
      },
    )
    await expect(httpReporter({ url: 'http://127.0.0.1:1' })(report)).rejects.toMatchObject({
      code: 'unreachable',
    })
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 10_000
        controller.enqueue(new Uint8Array(10_000))
      },
    })
    const fetch = async () => new Response(endless)
    await expect(httpReporter({ url: 'http://127.0.0.1:1', fetch })(report)).rejects.toMatchObject({
      code: 'refused',
    })
    expect(pulled).toBeLessThan(200_000)
  })
})
