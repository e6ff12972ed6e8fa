import { sha256 } from '@noble/hashes/sha2.js'
import { base64url } from './base64url.ts'
import { utf8 } from './utf8.ts'

/**
 * The id of an exposure: the same for the same (experiment, phase, variant, unit), whoever writes it and
 * whenever. No clock and no randomness is in it, so that a retry, a restart or a second instance collapses
 * into one event wherever the log is read. A trigger that a unit meets is another exposure, and so is an arm that was
 * forced: its variant is written `overridden:NAME`, which no variant can be called.
 *
 * @returns 22 characters of base64url: the first 132 bits of SHA-256 over the JSON array of the four parts, or five
 */
export function exposureId(
  experiment: string,
  phase: number,
  variant: string,
  unitId: string,
  trigger?: string,
): string {
  const parts = [experiment, phase, variant, unitId]
  const digest = sha256(utf8(JSON.stringify(trigger === undefined ? parts : [...parts, trigger])))
  return base64url(digest, 22)
}
