import * as z from 'zod'

/** A JSON scalar: what an attribute, a condition or a label may hold. */
export type JsonScalar = string | number | boolean | null

/** Plain JSON data, the only thing that crosses a doorway. */
export type JsonValue = JsonScalar | readonly JsonValue[] | JsonObject

/** A JSON object. */
export interface JsonObject {
  readonly [name: string]: JsonValue
}

/** Shallow: what comes from JSON, or through `plainData`, can hold nothing else further down. */
export const jsonObjectSchema = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject>

export const jsonScalarSchema: z.ZodType<JsonScalar> = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
])
