import type { ServerResponse } from 'node:http'
import { memorySink } from '@fairtrial/exposure'
import type { Snapshot } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { autoplay, viewer } from '../../test/autoplay.ts'
import { eventually, onLoopback } from '../../test/loopback.ts'
import { etagOf, issued, nonceOf, renewalText, signingKey, snapshotText } from '../../test/signing.ts'
import { createClient } from '../client.ts'
import type { Inquiry } from '../source.ts'
import { snapshotOf, stateFor, stateSourceContract } from '../testing/index.ts'
import { sseSource, type SseSourceOptions } from './sse-source.ts'

const running = snapshotOf([stateFor(autoplay)])
const aborted = snapshotOf([stateFor(autoplay, { revision: 2, status: 'aborted', trafficPercent: 0 })])
const mine = signingKey()

const snapshotEvent = (snapshot: Snapshot, key = mine, nonce = '') => {
  const body = JSON.stringify(snapshot)
  const signature = key.sign(snapshotText(body, nonce))
  return `event: snapshot\ndata: ${JSON.stringify({ snapshot: body, signature })}\n\n`
}
const renewalEvent = (of: Snapshot, issuedAt: number, validForMs = 30_000) => {
  const signature = mine.sign(renewalText(etagOf(of), validForMs, issuedAt))
  return `event: renewal\ndata: ${JSON.stringify({ etag: etagOf(of), validForMs, issuedAt, signature })}\n\n`
}

/** A server that tells whoever listens what it is told to. */
async function telling(
  use: (server: {
    url: string
    opened: () => number
    say: (text: string) => void
    hangUp: () => void
  }) => Promise<void>,
  first: (nonce: string) => string = (nonce) => snapshotEvent(issued(running), mine, nonce),
): Promise<void> {
  const readers = new Set<ServerResponse>()
  let opened = 0
  await onLoopback(
    (request, response) => {
      opened += 1
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(first(nonceOf(request)))
      readers.add(response)
    },
    (url) =>
      use({
        url,
        opened: () => opened,
        say: (text) => readers.forEach((reader) => reader.write(text)),
        hangUp: () => readers.forEach((reader) => reader.destroy()),
      }),
  )
}

/** An inquiry whose signal ends what it began. */
async function asking(use: (inquiry: (tag?: string | null) => Inquiry) => Promise<void>): Promise<void> {
  const end = new AbortController()
  try {
    await use((tag = null) => ({ tag, instanceId: 'a', signal: end.signal }))
  } finally {
    end.abort()
  }
}

function clientOf(url: string, options: Partial<SseSourceOptions> = {}) {
  return createClient({
    experiments: [autoplay],
    source: sseSource({ url, publicKey: mine.pem, maximumBackoffMs: 5, ...options }),
    sink: memorySink(),
    instanceId: 'a',
  })
}

describe('sseSource', () => {
  for (const [i, { title }] of stateSourceContract(running, aborted, () => ({}) as never).entries()) {
    it(`keeps the contract: ${title}`, () =>
      telling(async ({ url, say }) => {
        const source = sseSource({ url })
        let heard = 0
        source.watch?.(() => (heard += 1))
        const contract = stateSourceContract(running, aborted, () => ({
          source,
          async publish(snapshot) {
            const before = heard
            say(snapshotEvent(issued(snapshot, 1)))
            await eventually(() => heard > before)
          },
        }))
        await contract[i]!.check()
      }))
  }

  it('brings an abort when it is made, over one connection', () =>
    telling(async ({ url, say, opened }) => {
      const client = clientOf(url, { pollMs: 1e9 })
      expect(await client.ready()).toBe(true)
      expect(client.assign(autoplay, viewer('1')).reason).toBe('assigned')
      say(snapshotEvent(issued(aborted, 1)))
      await eventually(() => client.status().revision === 2)
      expect(client.assign(autoplay, viewer('1')).reason).toBe('aborted')
      expect(opened()).toBe(1)
      await client.close()
    }))

  it('FAULTS 10: a lease ends when it was granted to end, however long its renewal lay unread', () =>
    telling(async ({ url, say }) => {
      await asking(async (inquiry) => {
        const source = sseSource({ url, pollMs: 1e9 })
        let heard = 0
        source.watch?.(() => (heard += 1))
        const { tag = null } = await source.read(inquiry())
        // Renewed when 20 of its 30 seconds were over, by the issuer's clock; read at once, by ours.
        const { issuedAt } = issued(running)
        say(renewalEvent(running, issuedAt + 20_000))
        await eventually(() => heard === 2)
        const late = await source.read(inquiry(tag))
        expect(late.snapshot).toBeUndefined()
        expect(late.validForMs).toBeGreaterThan(45_000)
        expect(late.validForMs).toBeLessThanOrEqual(50_000)
        // Issued long ago, and read only now: of its 30 seconds 10 are left.
        say(renewalEvent(running, issuedAt - 20_000))
        await eventually(() => heard === 3)
        expect((await source.read(inquiry(tag))).validForMs).toBeLessThanOrEqual(10_000)
      })
    }))

  it('FAULTS 10: listens anew when the stream ends, and withdraws the treatment when nobody speaks', async () => {
    await telling(async ({ url, hangUp, opened }) => {
      const client = clientOf(url, { pollMs: 5 })
      await client.ready()
      hangUp()
      await eventually(() => opened() > 1)
      expect(client.assign(autoplay, viewer('1')).reason).toBe('assigned')
      await client.close()
    })
    const short = (nonce: string) =>
      snapshotEvent({ ...issued(running), validUntil: Date.now() + 60 }, mine, nonce)
    let silent = 0
    await telling(
      async ({ url }) => {
        const client = clientOf(url, { pollMs: 5, timeoutMs: 50 })
        await client.ready()
        await eventually(() => client.assign(autoplay, viewer('1')).reason === 'stale-state')
        expect(client.status().source.lapses).toBe(1)
        await client.close()
      },
      (nonce) => (silent++ === 0 ? short(nonce) : ': nothing to say\n\n'),
    )
  })

  it('believes nothing that another has signed, and says so', () =>
    telling(async ({ url, say }) => {
      const client = clientOf(url)
      await client.ready()
      say(snapshotEvent(issued(aborted, 1), signingKey()))
      await eventually(() => client.status().source.lastError?.code === 'refused')
      expect(client.status()).toMatchObject({ revision: 1 })
      await client.close()
    }))

  it('FAULTS 10: begins with nothing that was said to another: every lease is counted from there', async () => {
    for (const nonce of ['', 'of another']) {
      await telling(
        ({ url }) =>
          asking(async (inquiry) => {
            const reading = sseSource({ url, publicKey: mine.pem }).read(inquiry())
            await expect(reading).rejects.toMatchObject({ code: 'refused' })
          }),
        () => snapshotEvent(issued(running), mine, nonce),
      )
    }
  })

  it('FAULTS 2: ends what grows without end, and what is no event stream', async () => {
    await telling(
      ({ url }) =>
        asking(async (inquiry) => {
          const reading = sseSource({ url }).read(inquiry())
          await expect(reading).rejects.toMatchObject({ code: 'refused' })
        }),
      () => `data: ${'x'.repeat(11_000_000)}`,
    )
    for (const [text, code] of [
      ['event: renewal\ndata: {"etag":"\\"x\\"","validForMs":"for ever","issuedAt":1}\n\n', 'invalid-state'],
      ['event: renewal\ndata: {"etag":"\\"x\\"","validForMs":1000,"issuedAt":1}\n\n', 'refused'],
      ['event: snapshot\ndata: {"snapshot":"{}"}\n\n', 'invalid-state'],
      ['event: snapshot\ndata: {\n\n', 'invalid-state'],
    ] as const) {
      await telling(
        ({ url }) =>
          asking(async (inquiry) => {
            await expect(sseSource({ url }).read(inquiry())).rejects.toMatchObject({ code })
          }),
        () => text,
      )
    }
    await onLoopback(
      (_, response) => response.writeHead(401).end(),
      (url) =>
        asking(async (inquiry) => {
          await expect(sseSource({ url }).read(inquiry())).rejects.toThrow('answered 401')
        }),
    )
  })
})
