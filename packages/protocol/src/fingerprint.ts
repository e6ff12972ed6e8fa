import { sha256 } from '@noble/hashes/sha2.js'
import { canonicalJson } from './canonical-json.ts'
import { utf8 } from './utf8.ts'

/**
 * SHA-256 of the canonical JSON of a value, as 64 lower-case hex digits: equal for equal data, whatever
 * the order of the keys.
 *
 * @throws ExperimentError `invalid-argument` when the value is not plain data
 */
export function fingerprint(value: unknown): string {
  return Array.from(sha256(utf8(canonicalJson(value))), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
