import type { Experiment } from './experiment.ts'
import { lintComparisons } from './lint/comparisons.ts'
import { lintDirections } from './lint/direction.ts'
import type { LintFinding } from './lint/finding.ts'
import { lintMetrics, lintSegments } from './lint/metrics.ts'
import { lintGuardrails, lintProtection } from './lint/protection.ts'
import { lintRamp } from './lint/ramp.ts'
import { lintDuration, lintPower } from './lint/sample-size.ts'
import { lintError, lintLooks } from './lint/stopping.ts'
import { lintReach } from './lint/unreachable.ts'
import { lintMinimums, lintVariants } from './lint/variants.ts'

export type { LintCode, LintFinding } from './lint/finding.ts'

const LINTS = [
  lintProtection,
  lintGuardrails,
  lintVariants,
  lintComparisons,
  lintMinimums,
  lintMetrics,
  lintDirections,
  lintSegments,
  lintReach,
  lintRamp,
  lintLooks,
  lintError,
  lintDuration,
  lintPower,
]

/** What is unwise in a definition that holds. Empty is good. */
export function lint(experiment: Experiment): readonly LintFinding[] {
  return LINTS.flatMap((each) => [...each(experiment)])
}
