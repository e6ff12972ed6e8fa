import type { SpoolEntry } from './spool-segment.ts'

/** First in, first out: an array that is shifted copies what is left each time. */
export class EntryQueue {
  #entries: SpoolEntry[]
  #first = 0

  constructor(entries: readonly SpoolEntry[]) {
    this.#entries = [...entries]
  }

  get length(): number {
    return this.#entries.length - this.#first
  }

  get first(): SpoolEntry | undefined {
    return this.#entries[this.#first]
  }

  push(entry: SpoolEntry): void {
    this.#entries.push(entry)
  }

  shift(): SpoolEntry | undefined {
    const entry = this.first
    if (entry !== undefined) this.#first++
    if (this.#first > 1_000 && this.#first > this.length) {
      this.#entries = this.#entries.slice(this.#first)
      this.#first = 0
    }
    return entry
  }
}
