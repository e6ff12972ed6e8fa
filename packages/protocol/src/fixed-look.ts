import * as z from 'zod'
import {
  type Bounds,
  boundsSchema,
  type Estimate,
  type Interval,
  intervalSchema,
  numberSchema,
} from './estimate.ts'

/**
 * What a test at one fixed look would say: for reading beside, not for deciding at many looks.
 * - `welch`: difference of means
 * - `delta`: difference of ratios
 * - `regression`: after covariates have been taken out (CUPED)
 * - `stratified`: within strata
 * - `clustered`: over clusters; with raw clusters at hand and fewer than 50 of them, CR2 with Satterthwaite's degrees; of
 *   measurements, over clusters of units, left out one at a time
 * - `order-statistics`: difference of quantiles
 */
export interface FixedLook {
  readonly method: 'welch' | 'delta' | 'regression' | 'stratified' | 'clustered' | 'order-statistics'
  readonly statistic: Estimate<number>
  readonly degreesOfFreedom: Estimate<number>
  readonly pValue: Estimate<number>
  readonly interval: Interval
  /** The relative interval by Fieller's theorem, right also where control's mean is near 0. */
  readonly fieller: Estimate<Bounds>
  /** For proportions: the pooled z test and Newcombe's interval. */
  readonly twoProportions?: {
    readonly z: Estimate<number>
    readonly pValue: Estimate<number>
    readonly interval: Estimate<Bounds>
  }
  /** Of a metric compared by ranks: Mann-Whitney with ties. */
  readonly ranks?: {
    readonly z: Estimate<number>
    readonly pValue: Estimate<number>
    /** P(treatment > control) + ½ P(equal). */
    readonly commonLanguageEffect: Estimate<number>
    /** Hodges-Lehmann: the median of all differences of two units. */
    readonly shift: Estimate<number>
    readonly shiftInterval: Estimate<Bounds>
  }
  /** Of a trial by clusters: how many times more units it takes than without them; of measurements, requests. */
  readonly designEffect?: Estimate<number>
}

export const fixedLookSchema = z.object({
  method: z.enum(['welch', 'delta', 'regression', 'stratified', 'clustered', 'order-statistics']),
  statistic: numberSchema,
  degreesOfFreedom: numberSchema,
  pValue: numberSchema,
  interval: intervalSchema,
  fieller: boundsSchema,
  twoProportions: z.exactOptional(
    z.object({ z: numberSchema, pValue: numberSchema, interval: boundsSchema }),
  ),
  ranks: z.exactOptional(
    z.object({
      z: numberSchema,
      pValue: numberSchema,
      commonLanguageEffect: numberSchema,
      shift: numberSchema,
      shiftInterval: boundsSchema,
    }),
  ),
  designEffect: z.exactOptional(numberSchema),
})
