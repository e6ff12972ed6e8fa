import type { JsonObject, JsonValue } from './json.ts'

/** Every part of T may be absent. */
export type Partially<T> = T extends readonly (infer Item)[]
  ? readonly (Partially<Item> | undefined)[]
  : T extends object
    ? { readonly [Name in keyof T]?: Partially<T[Name]> | undefined }
    : T

/** Data with nothing in the places that a schema refused, so that what is left can be believed. Names stay. */
export function withoutPlaces(data: JsonObject, places: readonly (readonly PropertyKey[])[]): JsonObject {
  const copy = structuredCopy(data) as JsonObject
  for (const place of places) {
    let parent: unknown = copy
    for (const key of place.slice(0, -1)) parent = fieldOf(parent, key)
    const last = place.at(-1)
    if (last === undefined || typeof parent !== 'object' || parent === null) continue
    Reflect.set(parent, last, undefined)
  }
  return copy
}

function fieldOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function structuredCopy(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(structuredCopy)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, structuredCopy(field)]))
}
