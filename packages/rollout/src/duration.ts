import { ExperimentError } from '@fairtrial/protocol'
import type { Duration } from '@fairtrial/protocol'

const UNITS: { readonly [unit: string]: number } = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A duration in milliseconds. A sealed definition holds only well-formed ones. */
export function milliseconds(duration: Duration): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration) ?? []
  if (amount === undefined || unit === undefined) {
    throw new ExperimentError(
      'invalid-argument',
      `'${duration}' is not a duration.`,
      "Write a number and a unit: '30s', '15m', '36h', '14d'.",
    )
  }
  return Number(amount) * UNITS[unit]!
}
