import * as z from 'zod'
import { definitionSchema } from './experiment.ts'
import type { JsonObject } from './json.ts'

/** The JSON Schema (draft-07) of a definition, for editors. What hangs together besides, only defining checks. */
export function jsonSchema(): JsonObject {
  const { $schema, ...schema } = z.toJSONSchema(definitionSchema, { target: 'draft-7', io: 'input' })
  return {
    $schema,
    title: 'An experiment of fairtrial',
    ...schema,
  } as unknown as JsonObject
}
