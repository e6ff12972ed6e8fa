import type { Experiment } from '@fairtrial/protocol'

/** Values in the order of the arms, keyed by the arms' names. */
export function byVariant<T>(
  variants: Experiment['variants'],
  values: readonly T[],
): { readonly [variant: string]: T } {
  return Object.fromEntries(variants.map(({ name }, arm) => [name, values[arm]!]))
}
