import * as z from 'zod'
import { cautionSchema, type MetricCaution } from './caution.ts'
import { type Comparison, comparisonSchema } from './comparison.ts'
import {
  type Bounds,
  boundsSchema,
  type Estimate,
  type Interval,
  intervalSchema,
  numberSchema,
} from './estimate.ts'
import { LookLedger } from './look-ledger.ts'
import { type Direction, directionSchema, type MetricRole, metricRoleSchema } from './metric.ts'
import { digestSchema, wireNameSchema } from './name.ts'
import { type AnalysisMethod, analysisMethodSchema } from './stopping.ts'
import { countedSchema, wholeSchema } from './whole.ts'

/** One arm's numbers, over units whose window has closed; of measurements, over requests. */
export interface ArmEvaluation {
  readonly n: number
  /** Of a quantile metric, the quantile. */
  readonly mean: Estimate<number>
  /** Sample variance (n − 1). */
  readonly variance: Estimate<number>
  /** All exposed units at their values so far: descriptive, decides nothing. */
  readonly current: { readonly n: number; readonly mean: Estimate<number> }
  readonly missing: number
  /** Of an adoption metric, which is compared with nothing: where this arm's mean lies, valid at every look. */
  readonly interval?: { readonly level: number; readonly bounds: Estimate<Bounds> }
}

/** One segment's effect: pre-registered, corrected for how many there are, and told against the rest. */
export interface SegmentComparison {
  readonly units: { readonly control: number; readonly treatment: number }
  readonly effect: { readonly absolute: Estimate<number>; readonly relative: Estimate<number> }
  /** Valid at this look, at a level that is shared over all segments of all dimensions. */
  readonly interval: Interval
  /**
   * This segment's effect − the effect on all others, of rare events the relative ones: the interaction, and its corrected
   * p, valid at this look.
   */
  readonly interaction: { readonly difference: Estimate<number>; readonly adjustedP: Estimate<number> }
}

/** A metric's effects along a dimension. */
export interface DimensionEvaluation {
  /**
   * `pre-registered`: in the plan. `exploratory`: asked for with the data at hand; a hypothesis for another trial.
   * `descriptive`: by what is known only after the exposure; no effect at all.
   */
  readonly standing: 'pre-registered' | 'exploratory' | 'descriptive'
  /** By segment, then treatment variant. */
  readonly segments: { readonly [segment: string]: { readonly [variant: string]: SegmentComparison } }
}

/** A metric's effect by days since exposure, over units whose window has closed: novelty, or learning. */
export interface DailyEffect {
  readonly days: readonly {
    readonly effect: Estimate<number>
    readonly interval: Estimate<Bounds>
  }[]
  /** Change of the effect a day: the difference of the units' own slopes, valid at this look. */
  readonly slope: { readonly perDay: Estimate<number>; readonly interval: Estimate<Bounds> }
  /**
   * `decays`: towards zero; `grows`: away from it; `stable`: the change over the window is within half of the lift that
   * pays (or of the smallest lift worth having); else `unknown`.
   */
  readonly verdict: 'decays' | 'grows' | 'stable' | 'unknown'
  /** The effect on the second half of the days: what is left when the first days are over. */
  readonly longRun: Estimate<number>
}

/** What is known of one metric, in every arm. */
export interface MetricEvaluation {
  readonly role: MetricRole
  readonly direction: Direction
  readonly variants: { readonly [variant: string]: ArmEvaluation }
  /** By treatment variant; control is not a key. Of an adoption metric, empty. */
  readonly comparisons: { readonly [variant: string]: Comparison }
  /** Of a proportion with three arms or more: chi-square of arms by outcome, at one look. */
  readonly omnibus?: {
    readonly chiSquare: Estimate<number>
    readonly degreesOfFreedom: number
    readonly pValue: Estimate<number>
  }
  readonly dimensions?: { readonly [dimension: string]: DimensionEvaluation }
  /** By treatment variant, of a metric told by day. */
  readonly daily?: { readonly [variant: string]: DailyEffect }
  /** What should be looked into before its numbers are believed; none is good. They decide nothing. */
  readonly cautions?: readonly MetricCaution[]
}

/** What is known at one look. */
export interface Evaluation<M extends string = string> {
  readonly schema: 'fairtrial.evaluation/1'
  readonly experiment: string
  readonly fingerprint: string
  readonly phase: number
  readonly asOf: number
  readonly method: AnalysisMethod
  readonly units: { readonly [variant: string]: number }
  readonly metrics: { readonly [Name in M]: MetricEvaluation }
  /** Every look so far, this one among them: give it to the next evaluation. */
  readonly looks: LookLedger
}

const armSchema = z.object({
  n: wholeSchema,
  mean: numberSchema,
  variance: numberSchema,
  current: z.object({ n: wholeSchema, mean: numberSchema }),
  missing: wholeSchema,
  interval: z.exactOptional(z.object({ level: z.number(), bounds: boundsSchema })),
})

const segmentSchema = z.object({
  units: z.object({ control: wholeSchema, treatment: wholeSchema }),
  effect: z.object({ absolute: numberSchema, relative: numberSchema }),
  interval: intervalSchema,
  interaction: z.object({ difference: numberSchema, adjustedP: numberSchema }),
})

const dailyEffectSchema = z.object({
  days: z.array(z.object({ effect: numberSchema, interval: boundsSchema })),
  slope: z.object({ perDay: numberSchema, interval: boundsSchema }),
  verdict: z.enum(['decays', 'grows', 'stable', 'unknown']),
  longRun: numberSchema,
})

/** The shape of an evaluation. */
export const Evaluation: z.ZodType<Evaluation> = z.object({
  schema: z.literal('fairtrial.evaluation/1'),
  experiment: wireNameSchema,
  fingerprint: digestSchema,
  phase: countedSchema,
  asOf: z.number(),
  method: analysisMethodSchema,
  units: z.record(z.string(), wholeSchema),
  metrics: z.record(
    z.string(),
    z.object({
      role: metricRoleSchema,
      direction: directionSchema,
      variants: z.record(z.string(), armSchema),
      comparisons: z.record(z.string(), comparisonSchema),
      omnibus: z.exactOptional(
        z.object({ chiSquare: numberSchema, degreesOfFreedom: wholeSchema, pValue: numberSchema }),
      ),
      dimensions: z.exactOptional(
        z.record(
          z.string(),
          z.object({
            standing: z.enum(['pre-registered', 'exploratory', 'descriptive']),
            segments: z.record(z.string(), z.record(z.string(), segmentSchema)),
          }),
        ),
      ),
      daily: z.exactOptional(z.record(z.string(), dailyEffectSchema)),
      cautions: z.exactOptional(z.array(cautionSchema)),
    }),
  ),
  looks: LookLedger,
})
