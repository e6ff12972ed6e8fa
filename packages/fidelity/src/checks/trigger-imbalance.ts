import { sampleRatioTest } from '@fairtrial/sequential'
import { isEstimable } from '@fairtrial/statistics'
import type { Audit } from '../audit.ts'
import { addTo, byArm, sayByArm } from '../by-arm.ts'
import { sum } from '../disparity.ts'
import type { Found } from '../found.ts'
import { parityOf, parityP } from '../parity.ts'
import { analysedIn } from '../trace-totals.ts'
import type { UnitCounts } from '../unit-counts.ts'
import { sayP } from '../words.ts'

/**
 * Units that met a trigger, by arm: who would have been treated is known before the treatment, so that arms must meet it
 * alike. Where all units met it, the sample ratio of the trial says all there is to say.
 *
 * @param units of the analysis, by arm
 */
export function triggerFindings(audit: Audit, units: readonly number[], counts: UnitCounts): Found[] {
  const { experiment, aside } = audit
  const exposed = [...units]
  // Under a trigger of the plan only its units are analysed, and the others stand aside.
  const isAnalysed = analysedIn(audit)
  for (const [unitId, arm] of aside.untriggered) if (!isAnalysed(unitId)) addTo(exposed, arm, 1)
  const { triggered } = counts
  return [...triggered].flatMap(([trigger, met]): Found[] => {
    const p = parityP(experiment, met, exposed)
    const corrected = p === null ? null : Math.min(1, p * triggered.size)
    const { severity, isOff } = parityOf(corrected)
    if (!isOff || corrected === null) return []
    const isAnalysis = trigger === experiment.trigger
    return [
      {
        code: 'trigger-imbalance',
        severity: isAnalysis ? severity : 'caution',
        detail: `Units that met the trigger ${trigger}: ${sayByArm(experiment, met, exposed)}; p ${sayP(corrected)} if arms were alike.`,
        size: sum(met) / sum(exposed),
        biasesEffect: isAnalysis ? 'likely' : 'possible',
        remedy:
          'Tell the trigger at one and the same point of the code in every arm, before anything that the treatment changes.',
        evidence: {
          trigger,
          triggered: byArm(experiment, met),
          exposed: byArm(experiment, exposed),
          pValue: corrected,
          sampleRatioP: sampleRatioP(audit, met),
        },
      },
    ]
  })
}

/** Of the units that met it, against the weights: valid at every look. */
function sampleRatioP({ experiment }: Audit, counts: readonly number[]): number | null {
  const weights = experiment.variants.map(({ weight }) => weight)
  const { concentration } = experiment.analysis.sampleRatio
  const test = sampleRatioTest([{ counts, weights }], { concentration })
  return isEstimable(test) ? test.pValue : null
}
