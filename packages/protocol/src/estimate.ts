import * as z from 'zod'

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

/** A number, or why there is none. */
export type Estimate<T> = T | NotEstimable

/** Lower and upper end. */
export type Bounds = readonly [lower: number, upper: number]

/** Where the effect lies, with a stated coverage. */
export interface Interval {
  /** Coverage, e.g. 0.95. */
  readonly level: number
  /** Treatment − control, in the metric's unit. */
  readonly absolute: Estimate<Bounds>
  /** (Treatment − control) / |control|. */
  readonly relative: Estimate<Bounds>
}

const notEstimableSchema = z.object({
  notEstimable: z.object({
    code: z.enum([
      'no-data',
      'too-few-units',
      'zero-variance',
      'zero-control-mean',
      'non-finite',
      'unbounded',
      'not-applicable',
    ]),
    detail: z.string(),
  }),
})
export const numberSchema = z.union([z.number(), notEstimableSchema])
export const boundsSchema = z.union([z.tuple([z.number(), z.number()]), notEstimableSchema])
export const intervalSchema = z.object({ level: z.number(), absolute: boundsSchema, relative: boundsSchema })
