import * as z from 'zod'

/**
 * A way to part the units: by country, platform, tenure. Effects within its segments are told beside the whole, corrected
 * for their number, each tested against the rest.
 */
export interface Dimension {
  /** The column of a unit table. Default: the dimension's own name. */
  readonly column?: string
  /**
   * When a unit's value is known. What is known only after the exposure may itself be an effect of it: such segments
   * are described, and never called effects.
   */
  readonly known: 'before-exposure' | 'after-exposure'
  /** Segments told by themselves, the largest; all others together are `other`. Default 10. */
  readonly maximumSegments?: number
  /** The estimate of every metric is post-stratified by this one: at most one dimension, known before exposure. */
  readonly stratify?: boolean
}

/** A dimension with every default in place. */
export interface SealedDimension extends Dimension {
  readonly column: string
  readonly maximumSegments: number
}

export const dimensionSchema = z.strictObject({
  column: z
    .exactOptional(z.string().min(1))
    .describe("The column of a unit table. Default: the dimension's name."),
  known: z
    .enum(['before-exposure', 'after-exposure'])
    .describe("When a unit's value is known: 'before-exposure' or 'after-exposure'."),
  maximumSegments: z
    .exactOptional(z.int().min(1).max(100))
    .describe("Segments told by themselves; all others together are 'other'. Default 10."),
  stratify: z
    .exactOptional(z.boolean())
    .describe('Whether the estimate of every metric is post-stratified by it.'),
})
