/** A two-sided confidence interval; its two one-sided bounds hold at level (1 + level) / 2 each. */
export interface Interval {
  /** Confidence level, in (0, 1); 0.95 unless asked otherwise. */
  readonly level: number
  readonly lower: number
  readonly upper: number
}

/** How sure an interval shall be. */
export interface LevelOptions {
  /** Confidence level, in (0, 1); 0.95 by default. For a one-sided bound at 1 − α ask for 1 − 2α. */
  readonly level?: number
}

/** The confidence level asked for; a level that is none is a mistake of the caller and throws. */
export function levelOf(options: LevelOptions | undefined): number {
  const level = options?.level ?? 0.95
  if (level > 0 && level < 1) return level
  throw new RangeError(`level is ${level}, but a confidence level lies between 0 and 1: give 0.95, not 95`)
}
