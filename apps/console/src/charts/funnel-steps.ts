import type { AuditFunnel } from '@fairtrial/protocol'

/** One step of a funnel, in the order of the arms. */
export interface FunnelStep {
  readonly title: string
  /** `share`: of the step before, in the same arm; null of what begins. */
  readonly arms: readonly { readonly count: number; readonly share: number | null }[]
  /** The largest arm of the first step that counts the same thing, calls or units. */
  readonly most: number
}

/** The steps from an assignment to an outcome. Calls are not units, so that units begin anew. */
export function funnelSteps(
  { calls, units }: AuditFunnel,
  variants: readonly string[],
): readonly FunnelStep[] {
  const { exposed, settled, withOutcome } = units
  return [
    ...(calls === null
      ? []
      : stepsOf(variants, [
          ['Assignments served', calls.assigned],
          ['Calls of expose, of assignments served', calls.exposed],
        ])),
    ...stepsOf(variants, [
      ['Units exposed', exposed],
      ['Units whose window has closed, of units exposed', settled],
      ['Units with an outcome, of those', withOutcome],
    ]),
  ]
}

function stepsOf(
  variants: readonly string[],
  steps: readonly (readonly [title: string, counts: { readonly [variant: string]: number }])[],
): FunnelStep[] {
  const countsOf = (counts: { readonly [variant: string]: number }) =>
    variants.map((variant) => counts[variant] ?? 0)
  const all = steps.map(([, counts]) => countsOf(counts))
  const most = Math.max(1, ...all.flat())
  return steps.map(([title], row) => ({
    title,
    most,
    arms: (all[row] ?? []).map((count, arm) => {
      const before = all[row - 1]?.[arm] ?? 0
      return { count, share: before === 0 ? null : count / before }
    }),
  }))
}
