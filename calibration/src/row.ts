import type { evaluate, RandomStream } from '@fairtrial/sequential'

/** A claim about error, power or coverage, and how it is measured. */
export interface Row {
  /** `theme/what`, by which `--row` finds it. Its random numbers depend on `draws` and the seed, on nothing else. */
  readonly name: string
  /** Names its random numbers, where several rows are about the same ones. Default: `name`. */
  readonly draws?: string
  /** Who is measured, where rows with one claim compare several. */
  readonly subject?: string
  readonly claim: string
  /** Where the claim, or the method, comes from. */
  readonly source: string
  /** Simulated trials in a full run, and in a short one; absent where the row computes without chance. */
  readonly trials?: { readonly full: number; readonly short: number }
  readonly run: (setting: Setting) => Outcome | Promise<Outcome>
}

/** What a row may use. */
export interface Setting {
  /** 0 where the row asks for none. */
  readonly trials: number
  readonly random: RandomStream
  /** For what makes its own stream. */
  readonly seed: number
  /** Production's `evaluate`, or one that is broken on purpose. */
  readonly evaluate: typeof evaluate
}

/** What a row measured. */
export interface Outcome {
  readonly measured: number
  /** Monte-Carlo standard error; 0 of what is computed without chance. */
  readonly error: number
  /** What the claim says it is; absent where the row shows and claims nothing. */
  readonly nominal?: number
  /** What `measured` must lie within: the claim, and the band in which chance may move it. */
  readonly bar?: Bar
}

/** Inclusive bounds. */
export interface Bar {
  readonly atLeast?: number
  readonly atMost?: number
}

/** A row with what it measured. `isHeld` is null where nothing is claimed. */
export interface Measurement extends Outcome {
  readonly name: string
  readonly subject?: string
  readonly claim: string
  readonly source: string
  readonly trials: number
  readonly isHeld: boolean | null
}

/** Whether the measured number keeps the bar; a number that is none never does. */
export function isHeld({ measured, bar }: Outcome): boolean | null {
  if (bar === undefined) return null
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = bar
  return measured >= atLeast && measured <= atMost
}
