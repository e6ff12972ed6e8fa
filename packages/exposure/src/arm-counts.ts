import type { ProducedArm } from '@fairtrial/protocol'

/** What was offered of one arm, and what became of it. */
export type ArmCount = { -readonly [Field in Exclude<keyof ProducedArm, 'assigned'>]: ProducedArm[Field] } & {
  /** False where there are too many arms: the count is then that of all the others. */
  readonly isListed: boolean
}

/** More arms than a service has: beyond them, exposures carry no number of their arm, and reports leave them out. */
const MAXIMUM_ARMS = 2_000

/** Counts exposures by arm: experiment, phase and variant. */
export class ArmCounts {
  readonly #counts = new Map<string, ArmCount>()
  readonly #byScope = new Map<string, ArmCount>()
  readonly #others = countOf('', 0, '', false)

  /**
   * The count of an arm, which may be held on to.
   *
   * @param scope of the arm's exposures, for `lose`
   */
  of(experiment: string, phase: number, variant: string, scope: string): ArmCount {
    const key = JSON.stringify([experiment, phase, variant])
    let count = this.#counts.get(key)
    if (count === undefined) {
      if (this.#counts.size >= MAXIMUM_ARMS) return this.#others
      count = countOf(experiment, phase, variant, true)
      this.#counts.set(key, count)
    }
    if (this.#byScope.size < 4 * MAXIMUM_ARMS) this.#byScope.set(scope, count)
    return count
  }

  /** An exposure that had been pending is dropped. */
  lose(scope: string): void {
    const count = this.#byScope.get(scope)
    if (count !== undefined) count.dropped++
  }

  list(): readonly Readonly<ArmCount>[] {
    return [...this.#counts.values()]
  }
}

function countOf(experiment: string, phase: number, variant: string, isListed: boolean): ArmCount {
  return { experiment, phase, variant, offered: 0, numbered: 0, deduplicated: 0, dropped: 0, isListed }
}
