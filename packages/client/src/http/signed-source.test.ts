import { describe, expect, it } from 'vitest'
import { autoplay } from '../../test/autoplay.ts'
import { onLoopback } from '../../test/loopback.ts'
import { etagOf, issued, renewalText, signingKey, snapshotText } from '../../test/signing.ts'
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

/** A source that pins `mine`, and the hand that says what it hears next. */
async function listening(
  use: (hear: (answer: Answer, tag?: string | null) => Promise<unknown>) => Promise<void>,
  publicKey: string | readonly string[] = mine.pem,
): Promise<void> {
  let next: Answer = {}
  await onLoopback(
    (_, response) => response.writeHead(next.status ?? 200, next.headers).end(next.body),
    async (url) => {
      const source = httpSource({ url, publicKey })
      await use(async (answer, tag = null) => {
        next = answer
        return source.read(inquiry(tag))
      })
    },
  )
}

function signed(snapshot: ReturnType<typeof issued>, key = mine): Answer {
  const body = JSON.stringify(snapshot)
  return { body, headers: { 'fairtrial-signature': key.sign(snapshotText(body)), etag: '"unsigned"' } }
}

function renewed(etag: string, issuedAt: number, key = mine): Answer {
  return {
    status: 304,
    headers: {
      'fairtrial-valid-for-ms': '30000',
      'fairtrial-issued-at': String(issuedAt),
      'fairtrial-signature': key.sign(renewalText(etag, 30_000, issuedAt)),
    },
  }
}

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
      const { body = '', headers = {} } = signed(issued(running))
      const { 'fairtrial-signature': signature = '', ...unsigned } = headers
      await expect(hear({ body, headers: unsigned })).rejects.toMatchObject(refused(/is not signed/))
      await expect(hear(signed(issued(running), other))).rejects.toMatchObject(refused(/no key/))
      const changed = body.replace('"trafficPercent":100', '"trafficPercent":1')
      expect(changed).not.toBe(body)
      await expect(hear({ body: changed, headers })).rejects.toMatchObject(refused(/no key/))
      for (const broken of ['', 'x', `${signature}A`, signature.slice(2)]) {
        const wrong = { ...headers, 'fairtrial-signature': broken }
        await expect(hear({ body, headers: wrong })).rejects.toMatchObject(refused(/no key|not signed/))
      }
      expect(await hear({ body, headers })).toMatchObject({ tag: etagOf(running) })
    })
  })

  it('takes no renewal that is unsigned, of another state, or of another length', async () => {
    await listening(async (hear) => {
      await hear(signed(issued(running)))
      const tag = etagOf(running)
      const good = renewed(tag, Date.now() + 1)
      for (const [headers, why] of [
        [{ 'fairtrial-valid-for-ms': '30000', 'fairtrial-issued-at': String(Date.now() + 1) }, /not signed/],
        [{ ...good.headers, 'fairtrial-valid-for-ms': '90000' }, /no key/],
        [renewed(etagOf(aborted), Date.now() + 1).headers ?? {}, /no key/],
        [renewed(tag, Date.now() + 1, other).headers ?? {}, /no key/],
      ] as const) {
        await expect(hear({ status: 304, headers }, tag)).rejects.toMatchObject(refused(why))
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

  it('names a snapshot by what is in it: a tag that nobody signed renews nothing', async () => {
    await listening(async (hear) => {
      const answer = signed(issued(running))
      const misleading = { ...answer.headers, etag: etagOf(aborted) }
      expect(await hear({ ...answer, headers: misleading })).toMatchObject({ tag: etagOf(running) })
    })
  })

  it('refuses a key that is none', () => {
    for (const publicKey of ['', 'ssh-ed25519 AAAA', mine.pem.replace('MC', 'MD'), []]) {
      expect(() => httpSource({ url: 'http://localhost', publicKey })).toThrow('Ed25519 public key')
    }
  })
})
