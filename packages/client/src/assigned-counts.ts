import type { AssignedCount } from '@fairtrial/exposure'

/** How many assignments of one experiment were served, by phase and variant. Only grows. */
export class AssignedCounts {
  readonly #phases = new Map<number, Map<string, { count: number }>>()
  #phase = Number.NaN
  #variants = new Map<string, { count: number }>()

  add(phase: number, variant: string): void {
    if (phase !== this.#phase) this.#turnTo(phase)
    const tally = this.#variants.get(variant)
    if (tally === undefined) this.#variants.set(variant, { count: 1 })
    else tally.count += 1
  }

  list(experiment: string): AssignedCount[] {
    return [...this.#phases].flatMap(([phase, variants]) =>
      [...variants].map(([variant, { count }]) => ({ experiment, phase, variant, count })),
    )
  }

  #turnTo(phase: number): void {
    this.#phase = phase
    this.#variants = this.#phases.get(phase) ?? new Map()
    this.#phases.set(phase, this.#variants)
  }
}
