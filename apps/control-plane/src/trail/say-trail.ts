import type { TrailVerdict } from './verify-trail.ts'

/** What became of a trail, in a sentence or two. */
export function sayTrail({ entries, last, broken, tornBytes }: TrailVerdict): string {
  if (broken !== null) {
    return `The trail does not hold: of line ${broken.line}, ${broken.why}. Entries before it that hold: ${entries}.`
  }
  if (last === null) return 'There is no entry.'
  const torn =
    tornBytes === 0 ? '' : ` Behind the last are ${tornBytes} bytes of one whose writing was interrupted.`
  return `Entries that hold: ${entries}.${torn} Kept elsewhere, and given again, this tells later whether any of it was cut off or written anew: --trail-end ${last.sequence}:${last.hash}`
}
