import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { base64url } from './base64url.ts'
import { ExperimentError } from './error.ts'
import { utf8 } from './utf8.ts'

/**
 * Turns a unit id into its pseudonym under one key: `~KEYID.22CHARACTERS`. The key id is the first 36 bits of SHA-256
 * of the key, and the characters are the first 132 bits of HMAC-SHA-256(key, UTF-8 of the id), all in base64url. The
 * pseudonym is the unit from then on: it is what is hashed to an arm, logged and joined, so that a log replays without
 * the key. Another key is another salt: each unit is another, and its arm is drawn anew.
 *
 * A pseudonym of this key is its own pseudonym: an id that is passed on from an arm is not turned twice. One of another
 * key is refused, because the unit behind it cannot be known.
 *
 * @throws ExperimentError `invalid-argument` for a key below 16 bytes; the function that is returned, for an id that
 * is not text or holds a lone surrogate, or is a pseudonym of another key. No message holds the id or the key.
 */
export function pseudonymizer(key: Uint8Array | string): (unitId: string) => string {
  const bytes = bytesOfKey(key)
  const head = `~${base64url(sha256(bytes), 6)}.`
  const keyed = hmac.create(sha256, bytes)
  return (unitId) => {
    if (typeof unitId !== 'string' || !unitId.isWellFormed()) {
      throw new ExperimentError(
        'invalid-argument',
        `A unit id is to have a pseudonym, and it is ${typeof unitId === 'string' ? 'text with a lone surrogate' : `of type ${typeof unitId}`}.`,
        'Pass a string of whole characters.',
      )
    }
    if (isPseudonym(unitId)) {
      if (unitId.startsWith(head)) return unitId
      throw new ExperimentError(
        'invalid-argument',
        `A unit id is the pseudonym of a unit under the key ${unitId.slice(1, 7)}, and the key here is ${head.slice(1, 7)}.`,
        'Use one key wherever these units are assigned and tracked; a new key starts a new phase.',
      )
    }
    return head + base64url(keyed.clone().update(utf8(unitId)).digest(), 22)
  }
}

/** Whether a unit id has the form of a pseudonym, under whichever key. */
export function isPseudonym(unitId: string): boolean {
  return unitId.length === 30 && unitId.startsWith('~') && PSEUDONYM.test(unitId)
}

const PSEUDONYM = /^~[\w-]{6}\.[\w-]{22}$/

function bytesOfKey(key: Uint8Array | string): Uint8Array {
  const bytes = typeof key === 'string' && key.isWellFormed() ? utf8(key) : key
  if (bytes instanceof Uint8Array && bytes.length >= 16) return Uint8Array.from(bytes)
  throw new ExperimentError(
    'invalid-argument',
    `The key of pseudonyms is ${bytes instanceof Uint8Array ? `of ${bytes.length} bytes` : 'neither bytes nor well-formed text'}.`,
    'Give at least 16 bytes that nobody can guess, 32 random ones best, as a Uint8Array or as text.',
  )
}
