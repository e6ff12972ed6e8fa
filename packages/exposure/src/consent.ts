/**
 * Whether what is told of a unit withholds it from the record: `consent` is told, and is not `true`. One that is told as
 * undefined is not known, which is no consent; one that is not told at all is not asked for. Never throws.
 */
export function lacksConsent(told: unknown): boolean {
  try {
    return typeof told === 'object' && told !== null && 'consent' in told && told.consent !== true
  } catch {
    return true
  }
}
