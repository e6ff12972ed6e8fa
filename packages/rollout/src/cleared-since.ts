import type { Decision } from '@fairtrial/protocol'

/**
 * Since when nothing is found that holds: to be kept by whoever runs the loop, from decision to decision, and given to
 * the next as `clearSince`. Null to begin with, and after a look that failed: what was not seen is not known to be gone.
 *
 * @param before what it was before this decision
 */
export function clearedSince(
  { action, rule, decidedAt }: Pick<Decision, 'action' | 'rule' | 'decidedAt'>,
  before: number | null,
): number | null {
  const holds = action === 'hold' && rule !== 'cooling-down'
  return holds || action === 'abort' ? null : (before ?? decidedAt)
}
