import { binomialQuantile, normalQuantile } from '@fairtrial/statistics'
import type { Outcome } from './row.ts'

/** How often chance may put a number that is right outside its bar. */
const STRAY = 0.001
/** Standard errors that chance strays further than once in a thousand, to either side, and to one side. */
const BOTH_SIDES = -normalQuantile(STRAY / 2)
const ONE_SIDE = -normalQuantile(STRAY)

/** How many of a number of trials. */
export interface Count {
  readonly hits: number
  readonly trials: number
}

/** Of none, or of all, the error of half a hit more, or less: chance has had its say there too. */
function shareOf({ hits, trials }: Count): { measured: number; error: number } {
  const measured = hits / trials
  const p = hits % trials === 0 ? (hits + 0.5) / (trials + 1) : measured
  return { measured, error: Math.sqrt((p * (1 - p)) / trials) }
}

/** A share that is to be `nominal`: within its 99.9 % binomial band. */
export function shareNear(count: Count, nominal: number): Outcome {
  const bound = (probability: number) => binomialQuantile(probability, count.trials, nominal) / count.trials
  return { ...shareOf(count), nominal, bar: { atLeast: bound(STRAY / 2), atMost: bound(1 - STRAY / 2) } }
}

/** A share that is to be at most `nominal`: below the upper end of its one-sided 99.9 % band. */
export function shareAtMost(count: Count, nominal: number): Outcome {
  const atMost = binomialQuantile(1 - STRAY, count.trials, nominal) / count.trials
  return { ...shareOf(count), nominal, bar: { atMost } }
}

/** A share that is to be at least `nominal`. */
export function shareAtLeast(count: Count, nominal: number): Outcome {
  const atLeast = binomialQuantile(STRAY, count.trials, nominal) / count.trials
  return { ...shareOf(count), nominal, bar: { atLeast } }
}

/** A share that is shown, and of which nothing is claimed. */
export function shareShown(count: Count): Outcome {
  return shareOf(count)
}

/** The number that this share of numbers is at most, with half of what its rank may be off by one standard error. */
export function quantileOf(numbers: readonly number[], share: number): Outcome {
  const values = Float64Array.from(numbers).toSorted()
  const at = (each: number) =>
    values[Math.min(values.length - 1, Math.max(0, Math.floor(each * values.length)))]!
  const spread = Math.sqrt((share * (1 - share)) / values.length)
  return { measured: at(share), error: (at(share + spread) - at(share - spread)) / 2 }
}

/** A number with a standard error, to be `nominal`: within 3.29 errors, or `tolerance` if that is wider. */
export function near(measured: number, error: number, nominal: number, tolerance = 0): Outcome {
  const reach = Math.max(tolerance, BOTH_SIDES * error)
  return { measured, error, nominal, bar: { atLeast: nominal - reach, atMost: nominal + reach } }
}

/** A number with a standard error, to be at most `nominal`. */
export function atMost(measured: number, error: number, nominal: number): Outcome {
  return { measured, error, nominal, bar: { atMost: nominal + ONE_SIDE * error } }
}

/** A number with a standard error, to be at least `nominal`. */
export function atLeast(measured: number, error: number, nominal: number): Outcome {
  return { measured, error, nominal, bar: { atLeast: nominal - ONE_SIDE * error } }
}
