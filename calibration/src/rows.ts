import type { Row } from './row.ts'
import { afterStoppingRows } from './rows/after-stopping.ts'
import { anytimeRows } from './rows/anytime.ts'
import { auditRows } from './rows/audit.ts'
import { bayesianRows } from './rows/bayesian.ts'
import { clusterRows } from './rows/clusters.ts'
import { covariateRows } from './rows/covariates.ts'
import { exactSequenceRows } from './rows/exact-sequences.ts'
import { groupSequentialRows } from './rows/group-sequential.ts'
import { guardrailRows } from './rows/guardrails.ts'
import { hardLimitRows } from './rows/hard-limits.ts'
import { inputRows } from './rows/inputs.ts'
import { measurementRows } from './rows/measurements.ts'
import { oneLookRows } from './rows/one-look.ts'
import { openWindowRows } from './rows/open-windows.ts'
import { plannedLookRows } from './rows/planned-looks.ts'
import { planningRows } from './rows/planning.ts'
import { relativeEffectRows } from './rows/relative-effects.ts'
import { rolloutRows } from './rows/rollout.ts'
import { sampleRatioRows } from './rows/sample-ratio.ts'
import { timeToZeroRows } from './rows/time-to-zero.ts'
import { verdictRows } from './rows/verdicts.ts'

/** Every claim, in the order of the table. */
export const rows: readonly Row[] = [
  ...oneLookRows,
  ...relativeEffectRows,
  ...covariateRows,
  ...clusterRows,
  ...planningRows,
  ...groupSequentialRows,
  ...afterStoppingRows,
  ...anytimeRows,
  ...exactSequenceRows,
  ...verdictRows,
  ...plannedLookRows,
  ...guardrailRows,
  ...hardLimitRows,
  ...measurementRows,
  ...openWindowRows,
  ...sampleRatioRows,
  ...auditRows,
  ...inputRows,
  ...bayesianRows,
  ...rolloutRows,
  ...timeToZeroRows,
]
