import { normalCdf, normalQuantile } from '../normal.ts'

/** How a test is planned. */
export interface TestDesign {
  /** Chance of a false positive, in (0, 1); 0.05 by default. Of the whole family where there are `comparisons`. */
  readonly alpha?: number
  /** 2 by default. Non-inferiority is one-sided, commonly at half the alpha. */
  readonly sides?: 1 | 2
  /** Chance to find the effect that is there, in (0, 1); 0.8 by default. */
  readonly power?: number
  /** Units in treatment for each unit in control; 1 by default. */
  readonly allocationRatio?: number
  /**
   * Tests that are judged together, which share alpha evenly (Bonferroni); 1 by default. Planned so, Holm, Hochberg and
   * Benjamini-Hochberg find no less.
   */
  readonly comparisons?: number
  /**
   * Whether a two-sided test's far tail counts: a "significant" effect of the wrong sign. `counted` by default, as in
   * statsmodels and R's strict tests; closed formulas and R's others have it `ignored`. Matters below 20 % power only.
   */
  readonly farTail?: 'counted' | 'ignored'
  /** What the sample must grow by beyond one look at independent units: `designEffect` of clusters, the inflation of a sequential rule; 1 by default. */
  readonly inflation?: number
}

/** Units an experiment needs. Real numbers, so that two plans can be compared; round each arm up before you start. */
export interface SampleSize {
  readonly control: number
  readonly treatment: number
  /** Both arms, each rounded up. */
  readonly total: number
}

/** A design with everything decided. */
export interface DecidedDesign {
  /** Of each test. */
  readonly alpha: number
  readonly power: number
  readonly ratio: number
  readonly inflation: number
  /** α of the tail that the test looks at, α/2 when it looks at two. */
  readonly tail: number
  readonly countsFarTail: boolean
}

/** A normal test of one number: `distance` from the null to the truth, and per control unit the two spreads. */
export interface NormalTest {
  readonly distance: number
  /** Standard deviation of √n times the estimate if the null were true: what the threshold is made of. */
  readonly nullSpread: number
  /** The same at the effect that is planned for. */
  readonly spread: number
}

/** Fills in what was left out; a number out of its range is a mistake of the caller and throws. */
export function decide(design: TestDesign | undefined): DecidedDesign {
  const {
    alpha = 0.05,
    sides = 2,
    power = 0.8,
    allocationRatio = 1,
    inflation = 1,
    comparisons = 1,
  } = design ?? {}
  for (const [name, value] of Object.entries({ alpha, power })) {
    if (!(value > 0 && value < 1)) throw new RangeError(`${name} is ${value}: give a number between 0 and 1`)
  }
  for (const [name, value] of Object.entries({ allocationRatio, inflation })) {
    if (!(value > 0 && Number.isFinite(value)))
      throw new RangeError(`${name} is ${value}: give a number above 0`)
  }
  if (!(comparisons >= 1 && Number.isInteger(comparisons))) {
    throw new RangeError(`comparisons is ${comparisons}: give a whole number of tests, 1 or more`)
  }
  return {
    alpha: alpha / comparisons,
    power,
    ratio: allocationRatio,
    inflation,
    tail: alpha / comparisons / sides,
    countsFarTail: sides === 2 && design?.farTail !== 'ignored',
  }
}

/** Power with this many units in control. */
export function powerOf(test: NormalTest, control: number, design: DecidedDesign): number {
  const distance = Math.abs(test.distance) * Math.sqrt(control / design.inflation)
  const threshold = -normalQuantile(design.tail) * test.nullSpread
  const near = normalCdf((distance - threshold) / test.spread)
  return design.countsFarTail ? near + normalCdf((-distance - threshold) / test.spread) : near
}

/** Units in control for the power asked for, by the closed formula where it is exact and from there on by bisection. */
export function controlSizeOf(test: NormalTest, design: DecidedDesign): number {
  const reach = -normalQuantile(design.tail) * test.nullSpread + normalQuantile(design.power) * test.spread
  // A power that the threshold alone gives needs hardly any units.
  const closed = design.inflation * (Math.max(0, reach) / test.distance) ** 2
  if (!design.countsFarTail || closed === 0) return closed
  return leastReaching((n) => powerOf(test, n, design), design.power, closed)
}

/** The smallest x > 0 at which an increasing function reaches the target, from a guess that reaches it. */
export function leastReaching(f: (x: number) => number, target: number, guess: number): number {
  let high = guess
  for (let i = 0; i < 200 && f(high) < target; i++) high *= 2
  let low = high / 2
  for (let i = 0; i < 200 && low > 0 && f(low) >= target; i++) [low, high] = [low / 2, low]
  for (let i = 0; i < 200; i++) {
    const middle = low + (high - low) / 2
    if (!(middle > low && middle < high)) break
    if (f(middle) >= target) high = middle
    else low = middle
  }
  return high
}

/** The sizes of both arms from that of control. */
export function sizesOf(control: number, ratio: number): SampleSize {
  const treatment = control * ratio
  return { control, treatment, total: Math.ceil(control) + Math.ceil(treatment) }
}
