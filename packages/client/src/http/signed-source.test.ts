import { describe, expect, it } from 'vitest'
import { autoplay } from '../../test/autoplay.ts'
import { onLoopback } from '../../test/loopback.ts'
import { etagOf, issued, nonceOf, renewalText, signingKey, snapshotText } from '../../test/signing.ts'
import type { Inquiry } from '../source.ts'
import { snapshotOf, stateFor } from '../testing/index.ts'
import { httpSource } from './http-source.ts'

const running = snapshotOf([stateFor(autoplay)])
const aborted = snapshotOf([stateFor(autoplay, { revision: 2, status: 'aborted', trafficPercent: 0 })])
const mine = signingKey()
const other = signingKey()
const inquiry = (tag: string | null = null): Inquiry => ({
  tag,
  instanceId: 'a',
  signal: new AbortController().signal,
})

interface Answer {
  readonly status?: number
  readonly headers?: { readonly [name: string]: string }
  readonly body?: string
}

/** An answer as it is signed for whoever asks; or one that was signed before. */
type Said = Answer | ((nonce: string) => Answer)

/** A source that pins `mine`, and the hand that says what it hears next. */
async function listening(
  use: (hear: (said: Said, tag?: string | null) => Promise<unknown>) => Promise<void>,
  publicKey: string | readonly string[] = mine.pem,
): Promise<void> {
  let next: Said = {}
  await onLoopback(
    (request, response) => {
      const { status = 200, headers, body } = typeof next === 'function' ? next(nonceOf(request)) : next
      response.writeHead(status, headers).end(body)
    },
    async (url) => {
      const source = httpSource({ url, publicKey })
      await use(async (said, tag = null) => {
        next = said
        return source.read(inquiry(tag))
      })
    },
  )
}

const signed =
  (snapshot: ReturnType<typeof issued>, key = mine) =>
  (nonce: string): Answer & { headers: object } => {
    const body = JSON.stringify(snapshot)
    const signature = key.sign(snapshotText(body, nonce))
    return { body, headers: { 'fairtrial-signature': signature, etag: '"unsigned"' } }
  }

const renewed =
  (etag: string, issuedAt: number, key = mine) =>
  (nonce: string): Answer => ({
    status: 304,
    headers: {
      'fairtrial-valid-for-ms': '30000',
      'fairtrial-issued-at': String(issuedAt),
      'fairtrial-signature': key.sign(renewalText(etag, 30_000, issuedAt, nonce)),
    },
  })

const refused = (why: RegExp) => ({ code: 'refused', message: expect.stringMatching(why) as string })

describe('httpSource with a pinned key', () => {
  it('takes what is signed, and what the next key signs while keys are changed', async () => {
    const first = issued(running)
    const later = issued(aborted, 1)
    await listening(
      async (hear) => {
        expect(await hear(signed(first))).toEqual({ snapshot: first, tag: etagOf(running) })
        expect(await hear(renewed(etagOf(running), Date.now() + 1), etagOf(running))).toEqual({
          validForMs: 30_000,
        })
        expect(await hear(signed({ ...later, issuedAt: Date.now() + 2 }, other))).toMatchObject({
          tag: etagOf(aborted),
        })
      },
      [mine.pem, other.pem],
    )
  })

  it('FAULTS 10: believes nothing that is unsigned, signed by another, or changed on the way', async () => {
    await listening(async (hear) => {
      const good = signed(issued(running))
      const { body = '' } = good('')
      await expect(hear({ body })).rejects.toMatchObject(refused(/is not signed/))
      await expect(hear(signed(issued(running), other))).rejects.toMatchObject(refused(/no key/))
      const changed = body.replace('"trafficPercent":100', '"trafficPercent":1')
      expect(changed).not.toBe(body)
      const changing = (nonce: string) => ({ ...good(nonce), body: changed })
      await expect(hear(changing)).rejects.toMatchObject(refused(/no key/))
      for (const breaking of [
        () => '',
        () => 'x',
        (signature: string) => `${signature}A`,
        (signature: string) => signature.slice(2),
      ]) {
        const wrong = (nonce: string) => {
          const { 'fairtrial-signature': signature = '' } = good(nonce).headers
          return { body, headers: { 'fairtrial-signature': breaking(signature) } }
        }
        await expect(hear(wrong)).rejects.toMatchObject(refused(/no key|not signed/))
      }
      expect(await hear(good)).toMatchObject({ tag: etagOf(running) })
    })
  })

  it('takes no renewal that is unsigned, of another state, or of another length', async () => {
    await listening(async (hear) => {
      await hear(signed(issued(running)))
      const tag = etagOf(running)
      const good = renewed(tag, Date.now() + 1)
      const changing = (headers: Answer['headers']) => (nonce: string) => {
        const { headers: signing, ...answer } = good(nonce)
        return { ...answer, headers: { ...signing, ...headers } }
      }
      const unsigned = {
        'fairtrial-valid-for-ms': '30000',
        'fairtrial-issued-at': String(Date.now() + 1),
      }
      for (const [said, why] of [
        [{ status: 304, headers: unsigned }, /not signed/],
        [changing({ 'fairtrial-valid-for-ms': '90000' }), /no key/],
        [renewed(etagOf(aborted), Date.now() + 1), /no key/],
        [renewed(tag, Date.now() + 1, other), /no key/],
      ] as const) {
        await expect(hear(said, tag)).rejects.toMatchObject(refused(why))
      }
      expect(await hear(good, tag)).toEqual({ validForMs: 30_000 })
    })
  })

  it('FAULTS 10: is not held on an old state by old answers, each as it was signed', async () => {
    const before = signed(issued(running))
    await listening(async (hear) => {
      await hear(before)
      await expect(hear(before)).rejects.toMatchObject(refused(/heard before/))
      const renewal = renewed(etagOf(running), Date.now() + 1)
      await hear(renewal, etagOf(running))
      await expect(hear(renewal, etagOf(running))).rejects.toMatchObject(refused(/heard before/))
      await hear(signed(issued(aborted, 2)))
      await expect(hear(signed(issued(running, 3)))).rejects.toMatchObject(refused(/revision 1 is older/))
    })
    // One that has just started has heard nothing yet: the age tells.
    await listening(async (hear) => {
      await expect(hear(signed(issued(running, -3_600_000)))).rejects.toMatchObject(refused(/by the clocks/))
    })
  })

  it('FAULTS 10: takes nothing that was said to another, or to everybody: what somebody has kept renews no lease', async () => {
    await listening(async (hear) => {
      await hear(signed(issued(running)))
      const tag = etagOf(running)
      for (const nonce of ['', 'of another']) {
        const kept = [renewed(tag, Date.now() + 1)(nonce), signed(issued(running, 1))(nonce)]
        for (const answer of kept) await expect(hear(answer, tag)).rejects.toMatchObject(refused(/no key/))
      }
      const nonces = new Set<string>()
      const listen = (nonce: string) => {
        nonces.add(nonce)
        return renewed(tag, Date.now() + nonces.size)(nonce)
      }
      for (let i = 0; i < 3; i++) await hear(listen, tag)
      expect(nonces.size).toBe(3)
    })
  })

  it('names a snapshot by what is in it: a tag that nobody signed renews nothing', async () => {
    await listening(async (hear) => {
      const misleading = (nonce: string) => {
        const { headers, ...answer } = signed(issued(running))(nonce)
        return { ...answer, headers: { ...headers, etag: etagOf(aborted) } }
      }
      expect(await hear(misleading)).toMatchObject({ tag: etagOf(running) })
    })
  })

  it('refuses a key that is none', () => {
    for (const publicKey of ['', 'ssh-ed25519 AAAA', mine.pem.replace('MC', 'MD'), []]) {
      expect(() => httpSource({ url: 'http://localhost', publicKey })).toThrow('Ed25519 public key')
    }
  })
})
