import fc from 'fast-check'
import type { JsonSchema } from '../src/route.ts'

interface Schema {
  readonly [keyword: string]: unknown
  readonly $ref?: string
  readonly anyOf?: readonly Schema[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly type?: string | readonly string[]
  readonly properties?: { readonly [name: string]: Schema }
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly prefixItems?: readonly Schema[]
  readonly additionalProperties?: Schema | boolean
}

/** What fits a JSON Schema, as far as this document's schemas go. */
export function arbitraryOf(given: JsonSchema, components: { readonly [name: string]: JsonSchema }) {
  const of = (schema: Schema, depth: number): fc.Arbitrary<unknown> => {
    if (schema.$ref !== undefined) {
      return of((components[schema.$ref.split('/').at(-1) ?? ''] ?? {}) as Schema, depth + 1)
    }
    if (depth > 12) return fc.constant(null)
    if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((each) => of(each, depth)))
    if ('const' in schema) return fc.constant(schema.const)
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
    const types = Array.isArray(schema.type) ? schema.type : [schema.type]
    return fc.oneof(...types.map((type) => ofType(type as string | undefined, schema, depth)))
  }

  function ofType(type: string | undefined, schema: Schema, depth: number): fc.Arbitrary<unknown> {
    const number = (keyword: string, otherwise: number) =>
      typeof schema[keyword] === 'number' ? schema[keyword] : otherwise
    switch (type) {
      case 'null':
        return fc.constant(null)
      case 'boolean':
        return fc.boolean()
      case 'integer':
        return fc.integer({ min: number('minimum', 0), max: Math.min(number('maximum', 1e6), 2 ** 31 - 1) })
      case 'number':
        return fc.double({ min: number('minimum', 0.001), max: number('maximum', 1), noNaN: true })
      case 'string':
        return typeof schema['pattern'] === 'string'
          ? fc.stringMatching(new RegExp(schema['pattern']))
          : fc.string({ minLength: number('minLength', 0), maxLength: 40, unit: 'binary' })
      case 'array':
        return schema.prefixItems !== undefined
          ? fc.tuple(...schema.prefixItems.map((item) => of(item, depth + 1)))
          : fc.array(of(schema.items ?? {}, depth + 1), { maxLength: 4 })
      case 'object': {
        const named = Object.entries(schema.properties ?? {})
        const record = Object.fromEntries(named.map(([name, each]) => [name, of(each, depth + 1)]))
        const requiredKeys = (schema.required ?? []).filter((name) => name in record)
        const known = fc.record(record, { requiredKeys })
        if (typeof schema.additionalProperties !== 'object') return known
        const rest = fc.dictionary(fc.string({ maxLength: 8 }), of(schema.additionalProperties, depth + 1))
        return fc.tuple(rest, known).map(([more, own]) => ({ ...more, ...own }))
      }
      default:
        return fc.jsonValue({ maxDepth: 2 })
    }
  }

  return of(given as Schema, 0)
}

/** The same, with something in it that does not fit: a field that is gone, or is something else. */
export function spoiled(documents: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(documents, fc.nat(), fc.option(fc.jsonValue(), { nil: undefined }))
    .map(([document, at, value]) => {
      if (typeof document !== 'object' || document === null) return value ?? null
      const copy = structuredClone(document) as { [name: string]: unknown }
      const names = Object.keys(copy)
      const name = names[at % Math.max(1, names.length)]
      if (name !== undefined) copy[name] = value
      return copy
    })
}
