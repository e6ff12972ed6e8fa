import { BUCKETS } from '@fairtrial/protocol/buckets'
import { ExperimentError } from '@fairtrial/protocol/error'
import murmurhash3js from 'murmurhash3js'

/**
 * MurmurHash3_x86_32 of a string whose units are all below 256, each one a byte. For any other string
 * it is wrong: murmurhash3js drops the high byte of a unit, and hashes what is not a string to 0.
 */
export const hashLatin1: (latin1: string, seed: number) => number = murmurhash3js.x86.hash32

/**
 * The UTF-8 bytes of a text as a string with a unit for each byte; empty where the text is not well formed.
 * ASCII is its own view, so that the common id costs no new string.
 */
export function latin1View(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 127) return text.isWellFormed() ? unescape(encodeURIComponent(text)) : ''
  }
  return text
}

/**
 * MurmurHash3_x86_32 (Austin Appleby, public domain) over the UTF-8 bytes of `text`: an unsigned 32-bit
 * integer, the same in every language. Throws `invalid-argument` for what is not a string or holds a
 * lone surrogate, which has no UTF-8 form.
 */
export function hashUtf8(text: string, seed = 0): number {
  if (typeof text !== 'string' || !text.isWellFormed()) {
    throw new ExperimentError(
      'invalid-argument',
      `Only well-formed text can be hashed, and ${typeof text === 'string' ? 'this string holds a lone surrogate' : `this is of type ${typeof text}`}.`,
      'Pass a string of whole characters.',
    )
  }
  return hashLatin1(latin1View(text), seed)
}

/**
 * The bucket of an unsigned 32-bit hash, 0 to 999,999: floor(hash · 1,000,000 / 2^32). Exact: the product stays
 * below 2^53, and dividing by a power of two does not round.
 */
export function bucketOf(hash: number): number {
  return Math.floor((hash * BUCKETS) / 0x1_0000_0000)
}
