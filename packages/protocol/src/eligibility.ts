import * as z from 'zod'
import type { JsonScalar } from './json.ts'

/**
 * Who may enter a trial, decided from attributes that are known before assignment.
 * An attribute that is absent or of another type makes its condition false; nothing throws.
 */
export type Condition =
  | { readonly attribute: string; readonly equals: JsonScalar }
  | { readonly attribute: string; readonly in: readonly JsonScalar[] }
  /** Numbers: `from` ≤ attribute < `below`. At least one of the two bounds is given. */
  | { readonly attribute: string; readonly range: { readonly from?: number; readonly below?: number } }
  /** Semantic version range: comparators joined by spaces, e.g. `'>=2.1.0 <3.0.0'`. */
  | { readonly attribute: string; readonly semver: string }
  | { readonly attribute: string; readonly present: boolean }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }

const scalarSchema = z.union([z.string(), z.number(), z.boolean(), z.null()])
const attributeSchema = z.string().min(1).describe('The name of an attribute.')
const boundSchema = z.exactOptional(z.number())
const NUMBER = String.raw`(?:0|[1-9]\d*)`
const VERSION = String.raw`${NUMBER}\.${NUMBER}\.${NUMBER}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?`
const COMPARATOR = `(?:>=|<=|>|<|=)?${VERSION}`

/** Recursive, so its type is given. */
export const conditionSchema: z.ZodType<Condition> = z.lazy(() => anyConditionSchema)

const manySchema = z.array(conditionSchema).min(1)

const anyConditionSchema = z.union([
  z.strictObject({ attribute: attributeSchema, equals: scalarSchema }),
  z.strictObject({ attribute: attributeSchema, in: z.array(scalarSchema).min(1) }),
  z.strictObject({
    attribute: attributeSchema,
    range: z
      .strictObject({ from: boundSchema, below: boundSchema })
      .refine(({ from, below }) => from !== undefined || below !== undefined, {
        error: 'Has neither bound.',
      })
      .refine(({ from = -Infinity, below = Infinity }) => from < below, {
        error: 'Holds no number: from must be less than below.',
      })
      .describe('Numbers from ≤ attribute < below, e.g. { from: 18, below: 65 }.'),
  }),
  z.strictObject({
    attribute: attributeSchema,
    semver: z
      .string()
      .regex(new RegExp(`^${COMPARATOR}(?: +${COMPARATOR})*$`), {
        error: 'Must be comparators of whole versions, joined by spaces.',
      })
      .describe("A range of versions, e.g. '>=2.1.0 <3.0.0'."),
  }),
  z.strictObject({ attribute: attributeSchema, present: z.boolean() }),
  z.strictObject({ all: manySchema }),
  z.strictObject({ any: manySchema }),
  z.strictObject({ not: conditionSchema }),
])
