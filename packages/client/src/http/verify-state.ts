import { ExperimentError } from '@fairtrial/protocol/error'

/** Which signatures a source believes. */
export interface TrustOptions {
  /**
   * The control plane's Ed25519 public key in PEM (`openssl pkey -in KEY -pubout`); several while keys are changed.
   * With it, what is unsigned, signed by another key, no answer to what was asked, older than what was heard, or heard
   * before is refused.
   */
  readonly publicKey?: string | readonly string[]
  /**
   * How far the control plane's clock may be from this one's, milliseconds. Only with `publicKey`. Default 300,000.
   */
  readonly maximumSkewMs?: number
  /** Epoch milliseconds. Default: Date.now. */
  readonly now?: () => number
}

/** When something was said, and what of it tells old from new. */
interface Said {
  /** Epoch milliseconds by the issuer's clock. */
  readonly issuedAt: number
  /** Null of a renewal. */
  readonly revision: number | null
}

type PublicKey = Awaited<ReturnType<typeof globalThis.crypto.subtle.importKey>>

/** Holds what is heard against the keys and against what was heard before. */
export interface Verifier {
  /** Rejects `refused`. */
  check(text: string, signature: string | null, said: Said): Promise<void>
}

/** Sent with what is asked, and signed with what is answered: an answer that somebody kept is to another question. */
export function drawNonce(): string {
  return globalThis.crypto.randomUUID()
}

/** An Ed25519 public key as SPKI, without its 32 bytes. */
const SPKI = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]

/**
 * Null where no key is given: everything is believed then.
 *
 * @throws ExperimentError `invalid-argument` for what is no public key
 */
export function verifierOf(options: TrustOptions, address: string): Verifier | null {
  const { publicKey, maximumSkewMs = 300_000, now = Date.now } = options
  if (publicKey === undefined) return null
  const given = (typeof publicKey === 'string' ? [publicKey] : publicKey).map(bytesOf)
  if (given.length === 0) throw noKey()
  const keys = Promise.all(given.map((raw) => subtle().importKey('raw', raw, 'Ed25519', false, ['verify'])))
  keys.catch(() => undefined)
  let heard = { issuedAt: Number.NEGATIVE_INFINITY, revision: -1 }

  function refuse(why: string): never {
    throw new ExperimentError(
      'refused',
      `${address} is not believed: ${why}.`,
      'See that this is the control plane, that its key is the one that is pinned here, and that both clocks are right.',
    )
  }

  return {
    async check(text, signature, { issuedAt, revision }) {
      if (signature === null) refuse('its answer is not signed')
      const bytes = base64Bytes(signature.replaceAll('-', '+').replaceAll('_', '/'))
      const isSigned = async (key: PublicKey) =>
        bytes !== null && subtle().verify('Ed25519', key, bytes, new TextEncoder().encode(text))
      const verdicts = await Promise.all((await keys).map(isSigned))
      if (!verdicts.includes(true)) refuse('no key that is pinned here has signed its answer')
      const skewMs = Math.abs(now() - issuedAt)
      if (!(skewMs <= maximumSkewMs)) refuse(`by the clocks, its answer is ${Math.round(skewMs)} ms off`)
      if (revision !== null && revision < heard.revision)
        refuse(`revision ${revision} is older than was heard`)
      // What was said in one millisecond is told apart by its revision; the same again is a replay.
      const isNewer = revision !== null && revision > heard.revision && issuedAt === heard.issuedAt
      if (!(issuedAt > heard.issuedAt) && !isNewer) refuse('its answer was heard before')
      heard = { issuedAt, revision: revision ?? heard.revision }
    },
  }
}

/**
 * The tag of a snapshot, computed as the control plane does: a signed renewal names it, so it must not be taken from
 * a header that nobody has signed.
 */
export async function tagOf(snapshot: unknown): Promise<string> {
  const { states } = (snapshot ?? {}) as { readonly states?: unknown }
  const text = new TextEncoder().encode(JSON.stringify(states) ?? '')
  const digest = new Uint8Array(await subtle().digest('SHA-256', text))
  const base64 = btoa(String.fromCharCode(...digest))
  return `"${base64.replaceAll('+', '-').replaceAll('/', '_').slice(0, 22)}"`
}

/** When a parsed snapshot was issued, and its revision; NaN where it does not say, which is never believed. */
export function saidIn(snapshot: unknown): { issuedAt: number; revision: number } {
  const { issuedAt, revision } = (snapshot ?? {}) as { issuedAt?: unknown; revision?: unknown }
  return {
    issuedAt: typeof issuedAt === 'number' ? issuedAt : Number.NaN,
    revision: typeof revision === 'number' ? revision : Number.NaN,
  }
}

function bytesOf(pem: string): Uint8Array<ArrayBuffer> {
  const base64 = /-----BEGIN PUBLIC KEY-----([\sA-Za-z0-9+/=]+)-----END PUBLIC KEY-----/.exec(pem)?.[1] ?? ''
  const bytes = base64Bytes(base64.replaceAll(/\s/g, ''))
  if (bytes?.length === SPKI.length + 32 && SPKI.every((byte, i) => bytes[i] === byte)) {
    return bytes.slice(SPKI.length)
  }
  throw noKey()
}

function base64Bytes(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}

/** In every runtime of today, and no built-in of one of them. */
function subtle(): typeof globalThis.crypto.subtle {
  return globalThis.crypto.subtle
}

function noKey(): ExperimentError {
  return new ExperimentError(
    'invalid-argument',
    'publicKey is not an Ed25519 public key in PEM.',
    'Give the output of `openssl pkey -in KEY -pubout`.',
  )
}
