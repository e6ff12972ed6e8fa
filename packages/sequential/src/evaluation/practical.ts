import type { Comparison, Interval, SealedMetric } from '@fairtrial/protocol'
import { isEstimate } from './estimate.ts'

/**
 * Whether the lift that pays has been reached, which is another question than whether there is a lift at all. An
 * interval that touches the threshold has not said.
 */
export function judgePractical(
  interval: Interval,
  { practicalThreshold: threshold, direction }: Pick<SealedMetric, 'practicalThreshold' | 'direction'>,
): Comparison['practical'] {
  if (threshold === undefined) return undefined
  const bounds = 'absolute' in threshold ? interval.absolute : interval.relative
  if (!isEstimate(bounds)) return { threshold, verdict: 'unknown' }
  const size = 'absolute' in threshold ? threshold.absolute : threshold.relative
  const [least, most] = direction === 'increase' ? bounds : [-bounds[1], -bounds[0]]
  return { threshold, verdict: least > size ? 'above' : most < size ? 'below' : 'unknown' }
}
