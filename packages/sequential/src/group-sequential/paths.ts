import { gaussLegendre, normalPdf, normalQuantile, normalSf } from '@fairtrial/statistics'

/**
 * What is left of the score process B(t) at one look: the paths that no look has stopped, as a sub-density on
 * quadrature nodes. B is a Brownian motion with the drift θ: B(t) ~ N(θt, t), increments independent, Z = B/√t; t is
 * the information fraction and θ the mean of Z at full information (Lan & Zucker, Statistics in Medicine 12, 1993).
 */
export interface Paths {
  /** The information fraction at which they are looked at. */
  readonly fraction: number
  /** Scores B, ascending. */
  readonly scores: Float64Array
  /** Density times quadrature weight at each score; their sum is the chance to be here. */
  readonly masses: Float64Array
  /** Where all paths come from. */
  readonly origin: { readonly fraction: number; readonly score: number }
}

/** The next look at the paths: those strictly between the two scores go on, to be looked at again at `next`. */
interface Passage {
  readonly fraction: number
  readonly lower: number
  readonly upper: number
  readonly next: number
}

/** Beyond this many standard deviations lies a probability of 1e-21. */
const REACH = 9.5
/** A bound beyond this z stops nobody (one path in 4e18), and counts as none. */
const FARTHEST_BOUND = 8.9
/** Width of a panel in standard deviations of the narrower neighbouring step; with 16 nodes bounds keep 1e-10. */
const PANEL = 4
const RULE = gaussLegendre(16)

/** All paths in one point: at the start of the trial, or where one stands now. */
export function pathsFrom(fraction = 0, score = 0): Paths {
  return { fraction, scores: Float64Array.of(score), masses: Float64Array.of(1), origin: { fraction, score } }
}

/**
 * One step of the recursion of Armitage, McPherson & Rowe (JRSS A 132, 1969): f_k(x) = ∫ f_{k−1}(u) φ((x−u−θΔ)/√Δ)/√Δ du
 * over the scores that went on, on composite Gauss-Legendre nodes. The integrand is a product of two bells, as narrow
 * as the step before and the step after; panels are a few of the narrower one wide.
 */
export function advance(paths: Paths, { fraction, lower, upper, next }: Passage, drift: number): Paths {
  const { scores: from, masses: fromMasses, origin } = paths
  const variance = fraction - paths.fraction
  const sd = Math.sqrt(variance)
  const shift = drift * variance
  const mean = origin.score + drift * (fraction - origin.fraction)
  const spread = REACH * Math.sqrt(fraction - origin.fraction)
  const low = Math.max(lower, mean - spread)
  const high = Math.min(upper, mean + spread)
  const panels = high > low ? Math.ceil((high - low) / (PANEL * Math.min(sd, Math.sqrt(next - fraction)))) : 0
  const half = (high - low) / panels / 2
  const { nodes, weights } = RULE
  const scores = new Float64Array(panels * nodes.length)
  const masses = new Float64Array(scores.length)
  const scale = normalPdf(0) / sd
  let first = 0
  let end = 0
  for (let i = 0; i < scores.length; i++) {
    const node = i % nodes.length
    const score = low + half * (2 * ((i - node) / nodes.length) + 1 + nodes[node]!)
    // Only those that can come here: both lists ascend, so the window slides.
    while (first < from.length && from[first]! < score - shift - REACH * sd) first++
    while (end < from.length && from[end]! <= score - shift + REACH * sd) end++
    let density = 0
    for (let j = first; j < end; j++) {
      const distance = (score - shift - from[j]!) / sd
      density += fromMasses[j]! * Math.exp(-0.5 * distance * distance)
    }
    scores[i] = score
    masses[i] = density * scale * half * weights[node]!
  }
  return { fraction, scores, masses, origin }
}

/** Which tail: 1 is above a score, −1 below it. */
export type Direction = 1 | -1

/** P(not stopped before, and B beyond `score` at `fraction`), summed from tails: it keeps its digits when it is tiny. */
export function tailBeyond(
  { scores, masses, fraction: before }: Paths,
  fraction: number,
  score: number,
  drift: number,
  direction: Direction = 1,
): number {
  const sd = Math.sqrt(fraction - before)
  const target = score - drift * (fraction - before)
  let tail = 0
  for (let i = 0; i < scores.length; i++) {
    tail += masses[i]! * normalSf((direction * (target - scores[i]!)) / sd)
  }
  return tail
}

/**
 * The z at `fraction` beyond which lies `probability` of the paths that were not stopped before; null where that
 * would be beyond ±8.9 standard deviations from the mean, or nothing is left to spend. Where more is asked
 * than is left, the bound stops all: ∓8.9.
 *
 * The tail is log-concave in the bound (Prékopa: so is each f_k), and at most the tail of an unstopped normal. So
 * Newton's steps on its logarithm, begun at that normal's quantile, come down to the root and never pass it.
 */
export function boundOf(
  paths: Paths,
  fraction: number,
  probability: number,
  drift: number,
  direction: Direction = 1,
): number | null {
  if (!(probability > 0)) return null
  const { scores, masses } = paths
  const root = Math.sqrt(fraction)
  const sd = Math.sqrt(fraction - paths.fraction)
  const shift = drift * (fraction - paths.fraction)
  const mean = drift * root
  const zOf = (distance: number) => mean + direction * distance
  if (scores.length === 0) return zOf(-FARTHEST_BOUND)
  const outermost = direction * (scores.at(direction === 1 ? -1 : 0)! + shift)
  // Where looks are close together the normal's quantile may be out of all paths' reach, and the tail there 0.
  const withinReach = (outermost + 30 * sd) / root - direction * mean
  let distance = Math.min(-normalQuantile(Math.min(probability, 1)), FARTHEST_BOUND, withinReach)
  for (let i = 0; i < 200; i++) {
    distance = Math.max(distance, -FARTHEST_BOUND)
    const target = zOf(distance) * root - shift
    let tail = 0
    let density = 0
    for (let j = 0; j < scores.length; j++) {
      const deviation = (direction * (target - scores[j]!)) / sd
      tail += masses[j]! * normalSf(deviation)
      density += masses[j]! * normalPdf(deviation)
    }
    const excess = Math.log(tail / probability)
    if (excess >= 0) return i === 0 && distance === FARTHEST_BOUND ? null : zOf(distance)
    const step = (-excess * tail * sd) / (density * root)
    if (!(step > 1e-15) || distance === -FARTHEST_BOUND) return zOf(distance)
    distance -= step
  }
  return zOf(distance)
}
