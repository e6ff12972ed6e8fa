import { checkAlphaSplit } from './coherence/alpha-split.ts'
import { checkExclusions } from './coherence/exclusions.ts'
import { checkFamilies } from './coherence/families.ts'
import { checkGuardrails } from './coherence/guardrails.ts'
import { checkChecks, checkInputs } from './coherence/inputs.ts'
import { checkHypothesis } from './coherence/hypothesis.ts'
import { checkMetrics } from './coherence/metrics.ts'
import type { Parts, Report } from './coherence/report.ts'
import { checkStopping } from './coherence/stopping.ts'
import { checkDimensions, checkRamp, checkSurroundings } from './coherence/surroundings.ts'
import { checkVariants, checkWeights } from './coherence/variants.ts'
import type { Problem } from './error.ts'

const CHECKS = [
  checkVariants,
  checkWeights,
  checkHypothesis,
  checkMetrics,
  checkGuardrails,
  checkChecks,
  checkInputs,
  checkAlphaSplit,
  checkFamilies,
  checkStopping,
  checkRamp,
  checkDimensions,
  checkExclusions,
  checkSurroundings,
]

/** What no schema sees: whether the parts of a definition hang together. Looks at whatever parts there are. */
export function incoherences(parts: Parts): Problem[] {
  const problems: Problem[] = []
  const report: Report = (path, value, message, remedy) => problems.push({ path, value, message, remedy })
  for (const check of CHECKS) check(parts, report)
  return problems
}
