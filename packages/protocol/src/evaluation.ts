import type { EffectSize, Direction, MetricRole } from './metric.ts'
import type { GuardrailAction } from './guardrail.ts'

/** Stands where a number cannot be had, and says why. Silence is never encoded as 0, 1 or NaN. */
export interface NotEstimable {
  readonly notEstimable: {
    readonly code:
      | 'no-data'
      | 'too-few-units'
      | 'zero-variance'
      | 'zero-control-mean'
      | 'non-finite'
      | 'unbounded'
      | 'not-applicable'
    readonly detail: string
  }
}

export type Estimate<T> = T | NotEstimable

/** Lower and upper end. */
export type Bounds = readonly [lower: number, upper: number]

export interface Interval {
  /** Coverage, e.g. 0.95. */
  readonly level: number
  /** Treatment − control, in the metric's unit. */
  readonly absolute: Estimate<Bounds>
  /** (Treatment − control) / |control|. */
  readonly relative: Estimate<Bounds>
}

/** One arm's numbers, over units whose window has closed. */
export interface ArmEvaluation {
  readonly n: number
  readonly mean: Estimate<number>
  /** Sample variance (n − 1). */
  readonly variance: Estimate<number>
  /** All exposed units at their values so far: descriptive, decides nothing. */
  readonly current: { readonly n: number; readonly mean: Estimate<number> }
  readonly missing: number
}

/** What a test at one fixed look would say: for reading beside, not for deciding at many looks. */
export interface FixedLook {
  readonly method: 'welch'
  readonly statistic: Estimate<number>
  readonly degreesOfFreedom: Estimate<number>
  readonly pValue: Estimate<number>
  readonly interval: Interval
  /** For proportions: the pooled z test and Newcombe's interval. */
  readonly twoProportions?: {
    readonly z: Estimate<number>
    readonly pValue: Estimate<number>
    readonly interval: Estimate<Bounds>
  }
}

/** `breach`: the interval lies wholly beyond the margin. `ok`: wholly inside. Else `unknown`, and why. */
export interface GuardrailEvaluation {
  readonly verdict: 'breach' | 'ok' | 'unknown'
  readonly margin: EffectSize
  readonly action: GuardrailAction
  /** One sentence with the numbers. */
  readonly detail: string
  /** Set where a hard limit is declared and the arm has the units for it. */
  readonly hardLimit?: {
    readonly breached: boolean
    readonly mean: number
    readonly worst: number
    readonly units: number
  }
}

/** A treatment arm against control, on one metric. */
export interface Comparison {
  readonly effect: { readonly absolute: Estimate<number>; readonly relative: Estimate<number> }
  /** Of the absolute effect. */
  readonly standardError: Estimate<number>
  /** Of the relative effect, by the delta method. */
  readonly relativeStandardError: Estimate<number>
  /** Valid at this look, whatever the looks before. */
  readonly interval: Interval
  /** Dual to that interval: the smallest alpha at which zero is outside. */
  readonly anytimePValue: Estimate<number>
  readonly fixed: FixedLook
  /**
   * Of a metric with role guardrail, its guardrail's verdict; of any other, whether the interval lies
   * wholly on the better or the worse side of zero.
   */
  readonly verdict: 'breach' | 'ok' | 'better' | 'worse' | 'unknown'
  /** Where a guardrail is declared on the metric, whatever its role. */
  readonly guardrail?: GuardrailEvaluation
}

export interface MetricEvaluation {
  readonly role: MetricRole
  readonly direction: Direction
  readonly variants: { readonly [variant: string]: ArmEvaluation }
  /** By treatment variant; control is not a key. */
  readonly comparisons: { readonly [variant: string]: Comparison }
}

/** What is known at one look. */
export interface Evaluation {
  readonly schema: 'fairtrial.evaluation/1'
  readonly experiment: string
  readonly fingerprint: string
  readonly phase: number
  readonly asOf: number
  readonly method: 'asymptotic-cs'
  readonly units: { readonly [variant: string]: number }
  readonly metrics: { readonly [metric: string]: MetricEvaluation }
}
