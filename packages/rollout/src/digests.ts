import { fingerprint } from '@fairtrial/protocol'
import type { AuditReport, Decision, Evaluation } from '@fairtrial/protocol'

/**
 * What a decision was made from, by SHA-256 of its canonical JSON, so that it can be told later from another. Costs some
 * milliseconds for a large evaluation: for decisions that are kept, not for every look. Null of what there is not.
 */
export function digestsOf(
  evaluation: Evaluation | null,
  audit: AuditReport | null,
): NonNullable<Decision['digests']> {
  return { evaluation: digestOf(evaluation), audit: digestOf(audit) }
}

/** Null of what is no JSON, too: an abort never waits for a digest. */
function digestOf(document: Evaluation | AuditReport | null): string | null {
  try {
    return document === null ? null : fingerprint(document)
  } catch {
    return null
  }
}
