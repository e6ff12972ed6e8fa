import type { Arm, Outcome } from '@fairtrial/exposure'
import type { Unit } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'

/**
 * By what units go in everything that leaves the process.
 * - `raw`: by their ids
 * - `hmac`: by a pseudonym, `pseudonymizer(key)` of `@fairtrial/protocol/pseudonym`. It is computed first, and is the
 *   unit from then on: it is hashed to an arm, exposed and tracked, so that a log replays without the key. A function
 *   of one's own must be total on well-formed text, or throw, and leave its pseudonyms as they are.
 */
export type UnitIdPolicy =
  | { readonly policy: 'raw' }
  | { readonly policy: 'hmac'; readonly pseudonymOf: (unitId: string) => string }

/** An id that nobody can have: `assign` calls it invalid, and nothing is recorded of it. */
const UNUSABLE = false

/** Turns ids into pseudonyms, and remembers those of late: in this memory alone a raw id stays. */
export class Pseudonyms {
  readonly #pseudonymOf: (unitId: string) => string
  readonly #maximumBytes: number
  readonly #failed: (error: unknown) => void
  #hasFailed = false
  // Two generations, of which the older is dropped when the younger is full: bounded, and cheaper than to keep order.
  #young = new Map<string, string>()
  #old = new Map<string, string>()

  /** @param failed told of the first thing that goes wrong */
  constructor(
    pseudonymOf: (unitId: string) => string,
    maximumBytes: number,
    failed: (error: unknown) => void,
  ) {
    this.#pseudonymOf = pseudonymOf
    this.#maximumBytes = maximumBytes
    this.#failed = failed
  }

  /** What is no id stays as it is, for `assign` to say why; text that has no pseudonym is unusable. Never throws. */
  of(unitId: unknown): unknown {
    if (typeof unitId !== 'string' || unitId === '') return unitId
    const known = this.#young.get(unitId)
    if (known !== undefined) return known
    const pseudonym = this.#old.get(unitId) ?? this.#make(unitId)
    if (pseudonym === undefined) return UNUSABLE
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(unitId, pseudonym)
    return pseudonym
  }

  /** A unit as it goes into the world. One that is none, or whose getters throw, has no id. */
  unit(unit: Unit, readsNumbers: boolean): Unit {
    try {
      const { unitType, attributes } = unit
      const unitId: unknown = unit.unitId
      const text = readsNumbers && Number.isSafeInteger(unitId) ? String(unitId) : unitId
      return { unitType, unitId: this.of(text) as string, attributes: attributes ?? {} }
    } catch {
      return { unitType: '', unitId: '' }
    }
  }

  /** An arm of this client goes by a pseudonym already. One made elsewhere, from a raw id, loses it and is invalid. */
  arm(arm: Arm): Arm {
    if (this.#owns(arm?.unitId) && this.#owns(arm?.assignedAs)) return arm
    this.#tell(
      new ExperimentError(
        'invalid-argument',
        'An arm is to be exposed that goes by a raw unit id, though unitIds is `hmac`; it is dropped as invalid.',
        'Expose the arms that this client assigned.',
      ),
    )
    return { ...arm, unitId: '' }
  }

  outcome(outcome: Outcome): Outcome {
    return { ...outcome, unitId: this.of(outcome?.unitId) as string }
  }

  #owns(unitId: unknown): boolean {
    return this.of(unitId) === unitId
  }

  #make(unitId: string): string | undefined {
    if (!unitId.isWellFormed() || !this.#fits(unitId)) return undefined
    try {
      return this.#pseudonymOf(unitId)
    } catch (error) {
      this.#tell(error)
      return undefined
    }
  }

  /** Once: what is wrong with one unit is wrong with many. */
  #tell(error: unknown): void {
    if (!this.#hasFailed) this.#failed(error)
    this.#hasFailed = true
  }

  /** Whether the id is as short as any must be. */
  #fits(unitId: string): boolean {
    if (unitId.length > this.#maximumBytes) return false
    return unitId.length * 3 <= this.#maximumBytes || encoder.encode(unitId).length <= this.#maximumBytes
  }
}

const encoder = new TextEncoder()

/** Ids in a generation: together some megabytes at most, and most units of the last minute. */
const GENERATION = 5_000

/** Pseudonyms by the policy, or null where ids stay as they are. */
export function pseudonymsBy(
  policy: UnitIdPolicy = { policy: 'raw' },
  maximumBytes: number,
  failed: (error: unknown) => void,
): Pseudonyms | null {
  if (policy.policy === 'raw') return null
  if (policy.policy === 'hmac' && typeof policy.pseudonymOf === 'function') {
    return new Pseudonyms(policy.pseudonymOf, maximumBytes, failed)
  }
  throw new ExperimentError(
    'invalid-argument',
    `unitIds names no policy that there is, or \`hmac\` without its function.`,
    "Give { policy: 'raw' }, or { policy: 'hmac', pseudonymOf: pseudonymizer(key) }.",
  )
}
