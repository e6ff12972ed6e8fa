import type { ServedCount } from '@fairtrial/protocol'

/** Revisions of which the counts are kept apart at least. */
const REVISIONS_APART = 16

interface Row {
  readonly revision: number
  readonly variants: Map<string | null, Tally>
}

interface Tally {
  count: number
  /** By the monotonic clock. */
  lastAt: number
}

/**
 * What one experiment has served, by revision and variant. Only grows: where old rows are folded together to
 * bound the memory, their counts are kept.
 */
export class ServedCounts {
  /** Oldest first; the last is of the revision in force. */
  readonly #rows: Row[] = [{ revision: 0, variants: new Map() }]
  #open = this.#rows[0] as Row
  /** Rows at the front that are final and that the other side has. */
  #acknowledged = 0

  get revision(): number {
    return this.#open.revision
  }

  /** Rows that are final so far. */
  get closed(): number {
    return this.#rows.length - 1
  }

  add(variant: string | null, at: number): void {
    const tally = this.#open.variants.get(variant)
    if (tally === undefined) this.#open.variants.set(variant, { count: 1, lastAt: at })
    else {
      tally.count += 1
      tally.lastAt = at
    }
  }

  /** What is served from now on is served under this revision. */
  begin(revision: number): void {
    this.#open = { revision, variants: new Map() }
    this.#rows.push(this.#open)
  }

  /**
   * @param toEpoch turns a reading of the monotonic clock into epoch milliseconds
   */
  list(toEpoch: (at: number) => number): ServedCount[] {
    return this.#rows.flatMap(({ revision, variants }) =>
      [...variants].map(([variant, { count, lastAt }]) => ({
        revision,
        variant,
        count,
        lastServedAt: toEpoch(lastAt),
      })),
    )
  }

  /**
   * The other side has the first `closed` rows. The oldest of them are folded into the very first: that loses no
   * count, and can only date back what has been told at its exact revision before.
   */
  acknowledge(closed: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, closed)
    while (this.#rows.length > REVISIONS_APART && this.#acknowledged >= 2) {
      const [first, [second]] = [this.#rows[0] as Row, this.#rows.splice(1, 1) as [Row]]
      for (const [variant, { count, lastAt }] of second.variants) {
        const tally = first.variants.get(variant)
        first.variants.set(variant, { count: count + (tally?.count ?? 0), lastAt })
      }
      this.#acknowledged -= 1
    }
  }
}
