import type { Experiment } from '@fairtrial/protocol'
import { anytimeP } from '../anytime-evidence.ts'
import { sum } from '../disparity.ts'
import { sayCount, sayP, sayShare } from '../words.ts'
import { RATIO_FINDINGS, RUN_IT } from './dry-run-log.ts'
import type { DryRunReport } from './dry-run.ts'
import { type Obstacle, type Seen, unseen } from './seen.ts'

/** A dry run that would not have shown half of an arm's units missing has shown nothing. */
export const LARGEST_UNSHOWN = 0.5
/** Of the standard normal: a loss that would have been shown in four dry runs of five. */
const POWER_QUANTILE = 0.8416

/**
 * Whether units fell on the arms by their weights, by the plan's alpha, and what would have been shown if they had not.
 * Two tests, each valid at every look: the plan's own, which the audit made, and a mixture that needs fewer units. Either
 * may reject, so that the error is at most twice the plan's alpha.
 */
export function checkRatio(experiment: Experiment, dryRun: DryRunReport | null): Seen {
  if (dryRun === null) return unseen('There is no dry run to count units in.', RUN_IT)
  const { sampleRatio, findings } = dryRun.audit
  if (sampleRatio === null) return unseen('The dry run has no unit of this definition.', RUN_IT)
  const { alpha } = experiment.analysis.sampleRatio
  const weights = experiment.variants.map(({ weight }) => weight)
  const counts = experiment.variants.map(({ name }) => sampleRatio.observed[name] ?? 0)
  const units = sum(counts)
  const p = Math.min(sampleRatio.anytimePValue, anytimeP([{ counts, weights }], 1))
  const shown = worstOf(weights.map((_, arm) => detectableLoss({ weights, units, alpha }, arm)))
  const told = experiment.variants
    .map(({ name }, arm) => `${name} ${sayCount(counts[arm] ?? 0, 'unit')}`)
    .join(', ')
  const off = findings.filter(({ code, severity }) => RATIO_FINDINGS.has(code) && severity === 'broken')
  const obstacles: Obstacle[] = off.map(({ detail, remedy }) => ({ detail, remedy }))
  if (off.length === 0 && p < alpha) {
    obstacles.push({
      detail: `Sample ratio mismatch: ${told}, by weights ${weights.join(':')}; anytime-valid p ${sayP(p)}, and the plan's alpha is ${alpha}.`,
      remedy: 'Look for exposures that one arm loses: crashes, redirects, a late call to expose.',
    })
  }
  if (shown === null || shown > LARGEST_UNSHOWN) {
    const could = shown === null ? 'no loss at all' : `no loss below ${sayShare(shown)} of an arm's units`
    obstacles.push({
      detail: `${sayCount(units, 'unit')} could have shown ${could}; a loss of ${sayShare(LARGEST_UNSHOWN)} must show.`,
      remedy: `Let more units through the dry run: about ${sayCount(unitsNeeded(weights, alpha), 'unit')} are enough.`,
    })
  }
  return {
    obstacles,
    detail: `${told}, by weights ${weights.join(':')}: anytime-valid p ${sayP(p)}, alpha ${alpha}. A loss of ${sayShare(shown ?? 1)} of one arm's units would have been shown in four dry runs of five.`,
    evidence: {
      observed: { ...sampleRatio.observed },
      weights: { ...sampleRatio.weights },
      alpha,
      pValue: p,
      planPValue: sampleRatio.anytimePValue,
      detectableLoss: shown,
    },
  }
}

interface Division {
  readonly weights: readonly number[]
  readonly units: number
  readonly alpha: number
}

/**
 * The smallest share of one arm's units whose loss would be rejected with a chance of 0.8, the arm's count being nearly
 * normal; null where not even the whole arm's would be.
 *
 * @param division.units that are left
 */
export function detectableLoss({ weights, units, alpha }: Division, arm: number): number | null {
  const share = (weights[arm] ?? 0) / sum(weights)
  const isShown = (loss: number) => {
    const left = (share * (1 - loss)) / (1 - share * loss)
    const count = Math.min(units, units * left + POWER_QUANTILE * Math.sqrt(units * left * (1 - left)))
    const others = sum(weights) - (weights[arm] ?? 0)
    const counts = weights.map((weight, index) =>
      index === arm ? count : ((units - count) * weight) / others,
    )
    return count < units * share && anytimeP([{ counts, weights }], 1) < alpha
  }
  if (!isShown(1)) return null
  let [hidden, shown] = [0, 1]
  while (shown - hidden > 1e-4) {
    const middle = (hidden + shown) / 2
    if (isShown(middle)) shown = middle
    else hidden = middle
  }
  return shown
}

function worstOf(losses: readonly (number | null)[]): number | null {
  return losses.includes(null) ? null : Math.max(...losses.map((loss) => loss ?? 1))
}

/** To show the largest loss that must not stay hidden, up to two digits. Weights are above 0. */
export function unitsNeeded(weights: readonly number[], alpha: number): number {
  let units = 10
  const isEnough = (loss: number | null) => loss !== null && loss <= LARGEST_UNSHOWN
  while (!weights.every((_, arm) => isEnough(detectableLoss({ weights, units, alpha }, arm)))) units *= 1.1
  return Number(Math.ceil(units).toPrecision(2))
}
