import type { Experiment } from '@fairtrial/protocol'
import { byArm, sayRates } from '../by-arm.ts'
import { sum } from '../disparity.ts'
import type { Found } from '../found.ts'
import { parityOf, parityP } from '../parity.ts'
import type { TraceTotals } from '../trace-totals.ts'
import { sayCount, sayP, sayShare } from '../words.ts'

/** Share of units in two arms above which no policy mends the comparison. */
const MAXIMUM_CROSSOVER = 0.01

/** What becomes of a unit in two arms, and what that does to the effect. */
const POLICIES = {
  exclude: 'the plan leaves them out, which biases nothing only if arms have them alike',
  first: 'the plan counts them where they were first, which draws the effect towards nothing',
  'as-assigned': 'the plan counts them where they were assigned, which draws the effect towards nothing',
} as const

/** Units in two arms: how many, by which policy, and whether arms have them alike. */
export function crossoverFindings(experiment: Experiment, totals: TraceTotals): Found[] {
  const crossed = sum(totals.crossed)
  if (crossed === 0) return []
  const share = crossed / sum(totals.units)
  const policy = experiment.analysis.crossover
  const byFirstArm = byArm(experiment, totals.crossed)
  const p = parityP(experiment, totals.crossed, totals.units)
  const { isOff } = parityOf(p)
  const findings: Found[] = [
    {
      code: 'crossover',
      severity: share > MAXIMUM_CROSSOVER ? 'broken' : 'note',
      detail: `${sayCount(crossed, 'unit')} met more than one arm (${sayShare(share)}); ${POLICIES[policy]}.`,
      biasesEffect: isOff && policy === 'exclude' ? 'likely' : 'possible',
      // What is not as the definition gives it stands in two arms as well: one cause, and one place to look.
      remedy:
        totals.mismatches > 0
          ? 'Follow replay-mismatch first: units that it tells of are met in another arm than their own.'
          : 'Look for a unit id that changes between assignment and exposure, or for two definitions at once.',
      evidence: { crossed, share, policy, byFirstArm, pValue: p },
    },
  ]
  if (!isOff || p === null) return findings
  const without =
    policy === 'exclude'
      ? 'To leave these units out takes more from one arm than from another: the effect is biased.'
      : 'One arm sends its units into the other: the effect is diluted, and more than arms alike would dilute it.'
  findings.push({
    code: 'crossover-imbalance',
    severity: 'caution',
    detail: `Units cross over at different rates: ${sayRates(experiment, totals.crossed, totals.units)}; p ${sayP(p)} if arms were alike.`,
    size: share,
    biasesEffect: policy === 'exclude' ? 'likely' : 'possible',
    remedy: `${without} Find out what moves them.`,
    evidence: { crossed: byFirstArm, units: byArm(experiment, totals.units), policy, pValue: p },
  })
  return findings
}
