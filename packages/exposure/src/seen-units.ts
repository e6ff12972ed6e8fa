/**
 * The units lately exposed, by scope, in bounded memory: two generations, of which the older is forgotten
 * whole when the younger is full. Remembers the last `capacity / 2` units for certain, `capacity` at most.
 */
export class SeenUnits {
  #young = new Map<string, Set<string>>()
  #old = new Map<string, Set<string>>()
  #youngSize = 0
  #oldSize = 0
  readonly #generation: number

  constructor(capacity: number) {
    this.#generation = Math.max(1, Math.floor(capacity / 2))
  }

  /** Never more than the capacity (at least 2). */
  get size(): number {
    return this.#youngSize + this.#oldSize
  }

  /** A unit that is met again moves to the younger generation: who keeps coming is not forgotten. */
  has(scope: string, unitId: string): boolean {
    if (this.#young.get(scope)?.has(unitId)) return true
    if (this.#oldSize === 0 || !this.#old.get(scope)?.delete(unitId)) return false
    this.#oldSize--
    this.add(scope, unitId)
    return true
  }

  /** Of a unit that is not in yet. */
  add(scope: string, unitId: string): void {
    if (this.#youngSize >= this.#generation) {
      this.#old = this.#young
      this.#oldSize = this.#youngSize
      this.#young = new Map()
      this.#youngSize = 0
    }
    const units = this.#young.get(scope)
    if (units === undefined) this.#young.set(scope, new Set([unitId]))
    else units.add(unitId)
    this.#youngSize++
  }

  forget(scope: string, unitId: string): void {
    if (this.#young.get(scope)?.delete(unitId)) this.#youngSize--
    if (this.#old.get(scope)?.delete(unitId)) this.#oldSize--
  }
}
