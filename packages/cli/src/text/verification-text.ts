import type { Verification } from '../lock/verify-lock.ts'
import { wrap } from './wrap.ts'

/** Whether an analysis could be made again, and what has changed since, for people. */
export function verificationText(path: string, { verified, sha256, changes }: Verification): string {
  const told = verified
    ? `${path}: verified. The same analysis, byte for byte: sha256 ${sha256}`
    : `${path}: not verified.`
  const lines = changes.map(({ what, detail }) => wrap(detail, `  ${what.padEnd(11)}`, ' '.repeat(13)))
  return [told, ...lines].join('\n')
}
