import { emptyMoments, mergeMoments, type Moments } from '@fairtrial/statistics'
import { type Method, rampByTime } from './judge.ts'

const MINIMUM_UNITS = 100
const CRITICAL = 1.96

/** Welch's test of each metric against control at every look, at 5 % as if it were the only one: significantly worse aborts. */
export const repeatedTest: Method = ({ metrics }) => {
  const arms = [0, 1].map(() => metrics.map((): Moments => emptyMoments))
  return rampByTime((_, arrived) => {
    for (const batch of arrived) {
      arms.forEach((moments, arm) => {
        batch[arm]!.metrics.forEach((more, i) => (moments[i] = mergeMoments(moments[i]!, more)))
      })
    }
    const [control, treatment] = arms as [Moments[], Moments[]]
    return metrics.some((_metric, i) => isWorse(control[i]!, treatment[i]!))
  })
}

function isWorse(control: Moments, treatment: Moments): boolean {
  if (Math.min(control.n, treatment.n) < MINIMUM_UNITS) return false
  const error = Math.sqrt(squaredError(control) + squaredError(treatment))
  return treatment.mean - control.mean > CRITICAL * error
}

const squaredError = ({ n, m2 }: Moments): number => m2 / (n - 1) / n
