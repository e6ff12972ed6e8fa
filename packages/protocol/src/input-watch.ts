import * as z from 'zod'

/** What a broken finding of the audit does. `warn` only tells it. */
export type CheckAction = 'abort' | 'hold' | 'warn'

/**
 * A context feature of exposures whose distribution is watched: between arms, where randomization makes it equal, and
 * against a reference window, where a change says that the world, or the pipeline before the service, is another.
 */
export interface InputWatch {
  /** `text` counts each value; `number` counts by the bins between `edges`. */
  readonly type: 'text' | 'number'
  /** Of a number: where bins meet, rising; a value on an edge lies in the bin above it. Deciles of the reference are a good choice. */
  readonly edges?: readonly number[]
  /**
   * Shares in the reference window: of a text by value, of a number one for each bin, `edges.length + 1` of them. They
   * add up to 1. Without it only arms are compared.
   */
  readonly reference?: { readonly [value: string]: number } | readonly number[]
  /** Population stability index against the reference above which the input has drifted. Default 0.2. */
  readonly maximumPsi?: number
  /** What a drift does. Default `hold`. */
  readonly action?: CheckAction
}

/** An input with every default in place. */
export interface SealedInputWatch extends InputWatch {
  readonly maximumPsi: number
  readonly action: CheckAction
}

export const checkActionSchema = z.enum(['abort', 'hold', 'warn'])

const shareSchema = z.number().min(0).max(1)

export const inputWatchSchema = z.strictObject({
  type: z.enum(['text', 'number']).describe("'text' counts each value, 'number' counts by bins."),
  edges: z
    .exactOptional(z.array(z.number()).min(1).max(100))
    .describe('Of a number: where bins meet, rising, e.g. [10, 20, 50].'),
  reference: z
    .exactOptional(z.union([z.array(shareSchema), z.record(z.string(), shareSchema)]))
    .describe('Shares in the reference window, by value or by bin; they add up to 1.'),
  maximumPsi: z
    .exactOptional(z.number().positive())
    .describe('Population stability index above which the input has drifted. Default 0.2.'),
  action: z.exactOptional(checkActionSchema).describe("What a drift does. Default 'hold'."),
})
