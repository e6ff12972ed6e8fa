import type { Bounds, Estimate } from '@fairtrial/protocol'
import { isEstimate } from './estimate.ts'

/**
 * The p-value that is dual to bounds: the smallest alpha at which they leave zero out. By halving a bracket of ln alpha
 * until p is known to a ten-thousandth of itself; the bracket's upper end, so that p is never too small.
 */
export function smallestAlpha(boundsAt: (alpha: number) => Estimate<Bounds>): Estimate<number> {
  const excludesZero = (logAlpha: number) => {
    const bounds = boundsAt(Math.exp(logAlpha))
    return isEstimate(bounds) && (bounds[0] > 0 || bounds[1] < 0)
  }
  const widest = boundsAt(ALMOST_ONE)
  if (!isEstimate(widest)) return widest
  let high = Math.log(ALMOST_ONE)
  if (!excludesZero(high)) return 1
  let low = -1
  while (low > SMALLEST && excludesZero(low)) {
    high = low
    low *= 2
  }
  if (low <= SMALLEST) return Math.exp(Math.max(high, SMALLEST))
  while (high - low > 1e-4) {
    const middle = (low + high) / 2
    if (excludesZero(middle)) high = middle
    else low = middle
  }
  return Math.exp(high)
}

const ALMOST_ONE = 1 - 1e-9
/** ln of the smallest alpha asked for. */
const SMALLEST = -700
