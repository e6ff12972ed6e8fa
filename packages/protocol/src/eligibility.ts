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
