import type { StoppingBounds } from '@fairtrial/sequential'

/** Beyond this many standard deviations there is nothing. */
const REACH = 9.5
/** Nodes for each standard deviation of the narrower of the steps before and after a look. */
const DENSITY = 16

/**
 * The chance to stop anywhere where there is no effect: 1 less the chance to be still there after the last look. The
 * recursion of Armitage, McPherson & Rowe (1969) by Simpson's rule on evenly spaced nodes: written apart from the one
 * that made the bounds, and plainly.
 */
export function errorByRecursion({ informationFractions, upper, lower }: StoppingBounds): number {
  let scores: readonly number[] = [0]
  let masses: readonly number[] = [1]
  let before = 0
  for (const [look, fraction] of informationFractions.entries()) {
    const spread = Math.sqrt(fraction)
    const step = Math.sqrt(fraction - before)
    const next = informationFractions[look + 1]
    const narrower = next === undefined ? step : Math.min(step, Math.sqrt(next - fraction))
    const low = Math.max(lower?.[look] ?? -REACH, -REACH) * spread
    const high = Math.min(upper[look] ?? REACH, REACH) * spread
    const panels = 2 * Math.ceil(((high - low) / narrower) * (DENSITY / 2))
    const width = (high - low) / panels
    const nodes = Array.from({ length: panels + 1 }, (_, i) => low + i * width)
    const scale = width / 3 / step / Math.sqrt(2 * Math.PI)
    let first = 0
    const here = nodes.map((score, i) => {
      while (scores[first]! < score - REACH * step) first++
      let density = 0
      for (let j = first; j < scores.length && scores[j]! <= score + REACH * step; j++) {
        density += masses[j]! * Math.exp(-0.5 * ((score - scores[j]!) / step) ** 2)
      }
      return density * scale * simpsonWeight(i, panels)
    })
    scores = nodes
    masses = here
    before = fraction
  }
  return 1 - masses.reduce((sum, mass) => sum + mass, 0)
}

function simpsonWeight(node: number, panels: number): number {
  if (node === 0 || node === panels) return 1
  return node % 2 === 1 ? 4 : 2
}
