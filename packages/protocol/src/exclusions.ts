import * as z from 'zod'
import type { ExposureEvent } from './events.ts'
import { type JsonScalar, jsonScalarSchema } from './json.ts'
import { nameSchema } from './name.ts'

/**
 * Traffic that is no part of the population: bots, staff, tests. It is set aside by what was known at the exposure,
 * in every arm alike, and counted by rule and arm. The rules are part of the plan, and their version says which.
 */
export interface Exclusions {
  /** Names these rules; another version is another design. */
  readonly version: string
  /** The first that holds sets a unit aside. */
  readonly rules: readonly ExclusionRule[]
}

/** Whom one rule sets aside: by a feature of the exposure's context, or by name. */
export type ExclusionRule =
  | { readonly name: string; readonly feature: string; readonly in: readonly JsonScalar[] }
  | { readonly name: string; readonly unitIds: readonly string[] }

/** The rule that sets the unit of this exposure aside; null where none does. */
export function excludedBy(exclusions: Exclusions | undefined, exposure: ExposureEvent): string | null {
  for (const rule of exclusions?.rules ?? []) {
    if (holds(rule, exposure)) return rule.name
  }
  return null
}

function holds(rule: ExclusionRule, { unitId, context }: ExposureEvent): boolean {
  if ('unitIds' in rule) return rule.unitIds.includes(unitId)
  if (context === undefined || !Object.hasOwn(context.features, rule.feature)) return false
  return rule.in.includes(context.features[rule.feature]!)
}

export const exclusionsSchema = z.strictObject({
  version: z.string().min(1).describe("Names these rules, e.g. '2026-03'."),
  rules: z
    .array(
      z.union([
        z.strictObject({
          name: nameSchema.describe("What the rule is called, e.g. 'bots'."),
          feature: z.string().min(1).describe("A feature of the exposure's context, e.g. 'client'."),
          in: z.array(jsonScalarSchema).min(1).describe('The values that set a unit aside.'),
        }),
        z.strictObject({
          name: nameSchema.describe("What the rule is called, e.g. 'staff'."),
          unitIds: z.array(z.string().min(1)).min(1).describe('The units that it sets aside.'),
        }),
      ]),
    )
    .min(1)
    .describe('The first rule that holds sets a unit aside.'),
})
