import {
  type AdjustmentMethod,
  type AdjustmentOptions,
  adjustPValues,
  harmonic,
  sharesOf,
} from './adjusted-p-values.ts'

/** One test of a family: a metric, or a metric of one arm. */
export interface FamilyMember {
  readonly name: string
  /** Undefined when it could not be estimated: it still counts, since the family was fixed before the data. */
  readonly pValue: number | undefined
  /** Its share of α in proportion to the other weights; for `bonferroni` and `holm`. 1 by default. */
  readonly weight?: number
}

/** What an interval at the adjusted level promises.
 *
 * - `simultaneous`: all intervals of the family hold at once with the confidence asked for.
 * - `simultaneous-wider`: as above, but the test is sharper than the interval: zero may lie inside the interval of a
 *   significant effect. No simple interval fits a stepwise test.
 * - `false-coverage-rate`: of the intervals of the significant effects, the expected share that misses is at most α
 *   (Benjamini & Yekutieli, JASA 100, 2005).
 * - `marginal`: holds for this effect alone; of an effect that was not selected nothing is claimed in the family.
 */
export type FamilyCoverage = 'simultaneous' | 'simultaneous-wider' | 'false-coverage-rate' | 'marginal'

/** A member judged in its family. */
export interface AdjustedMember {
  readonly name: string
  /** Undefined when the member's own p is. */
  readonly adjustedP: number | undefined
  /** adjustedP ≤ 1 − level. */
  readonly isSignificant: boolean
  /** Ask for the interval of this member at this confidence level. */
  readonly intervalLevel: number
  readonly coverage: FamilyCoverage
}

/** How a family is judged. */
export interface FamilyPlan {
  readonly method: AdjustmentMethod
  /** 1 − α for the whole family, in (0, 1); 0.95 by default. */
  readonly level?: number
}

/** Adjusts the tests of one family: p-values, and the levels at which their intervals fit. In the order given. */
export function adjustFamily(members: readonly FamilyMember[], plan: FamilyPlan): AdjustedMember[] {
  const alpha = alphaOf(plan)
  // What could not be estimated takes the place of a test that found nothing.
  const pValues = members.map(({ pValue }) => pValue ?? 1)
  const options = weightsOf(members)
  const adjusted = adjustPValues(pValues, plan.method, options)
  const shares = sharesOf(members.length, plan.method, options?.weights)
  const isSignificant = members.map(({ pValue }, i) => pValue !== undefined && adjusted[i]! <= alpha)
  const selected = isSignificant.filter(Boolean).length
  return members.map(({ name, pValue }, i) => ({
    name,
    adjustedP: pValue === undefined ? undefined : adjusted[i],
    isSignificant: isSignificant[i]!,
    ...intervalOf(plan.method, alpha, shares[i]!, members.length, isSignificant[i]! ? selected : 0),
  }))
}

/** {@link adjustFamily} of many tests, each in the family it names; the families know nothing of one another. */
export function adjustFamilies(
  members: readonly (FamilyMember & { readonly family: string })[],
  plans: Readonly<Record<string, FamilyPlan>>,
): (AdjustedMember & { readonly family: string })[] {
  const judged = new Map<string, AdjustedMember[]>()
  for (const { family } of members) {
    const plan = Object.hasOwn(plans, family) ? plans[family] : undefined
    if (!plan) throw new RangeError(`family ${family} has no plan: name it in plans`)
    if (judged.has(family)) continue
    judged.set(
      family,
      adjustFamily(
        members.filter((each) => each.family === family),
        plan,
      ),
    )
  }
  const next = new Map(Array.from(judged, ([family, each]) => [family, each.values()]))
  return members.map(({ family }) => ({ family, ...next.get(family)!.next().value! }))
}

function intervalOf(
  method: AdjustmentMethod,
  alpha: number,
  share: number,
  tests: number,
  selected: number,
): Pick<AdjustedMember, 'intervalLevel' | 'coverage'> {
  switch (method) {
    case 'bonferroni':
      return { intervalLevel: 1 - alpha * share, coverage: 'simultaneous' }
    case 'holm':
    case 'hochberg':
    case 'hommel':
      return { intervalLevel: 1 - alpha * share, coverage: 'simultaneous-wider' }
    case 'benjamini-hochberg':
    case 'benjamini-yekutieli': {
      if (selected === 0) return { intervalLevel: 1 - alpha, coverage: 'marginal' }
      const price = method === 'benjamini-hochberg' ? tests : tests * harmonic(tests)
      return { intervalLevel: 1 - (alpha * selected) / price, coverage: 'false-coverage-rate' }
    }
  }
}

function weightsOf(members: readonly FamilyMember[]): AdjustmentOptions | undefined {
  if (members.every(({ weight }) => weight === undefined)) return undefined
  return { weights: members.map(({ weight }) => weight ?? 1) }
}

function alphaOf({ level = 0.95 }: FamilyPlan): number {
  if (level > 0 && level < 1) return 1 - level
  throw new RangeError(`level is ${level}, but a confidence level lies between 0 and 1: give 0.95, not 95`)
}
