import type { Tails } from './special/incomplete-gamma.ts'

// A probability that is some count's own, rounded, shall find that count and not the next one.
const SLACK = 64 * 2 ** -53

/**
 * The smallest whole k in [0, most] whose lower tail reaches `probability`, in (0, 1): the quantile of a distribution
 * of counts. The bracket grows from `start` and is then halved.
 */
export function smallestCount(
  tailsAt: (k: number) => Tails,
  probability: number,
  start: number,
  most: number,
): number {
  const rest = 1 - probability
  const isReached = (k: number) =>
    k >= most ||
    (probability <= 0.5
      ? tailsAt(k).lower >= probability * (1 - SLACK)
      : tailsAt(k).upper <= rest * (1 + SLACK))
  let reached = Math.min(most, Math.max(0, Math.ceil(start)))
  let missed = reached - 1
  for (let step = 1; !isReached(reached); step *= 2) {
    missed = reached
    reached = Math.min(most, reached + step)
  }
  for (let step = 1; missed >= 0 && isReached(missed); step *= 2) {
    reached = missed
    missed = Math.max(-1, missed - step)
  }
  while (reached - missed > 1) {
    const middle = missed + Math.floor((reached - missed) / 2)
    if (isReached(middle)) reached = middle
    else missed = middle
  }
  return reached
}
