/** What became of the events of one batch, for those who wait for it. */
export class Fate {
  #lost: ReadonlySet<number> | undefined
  #waiting: (() => void)[] = []

  get isSettled(): boolean {
    return this.#lost !== undefined
  }

  /** @param lost the lines, from 1, that are not safe and never will be */
  settle(lost: ReadonlySet<number>): void {
    this.#lost = lost
    for (const tell of this.#waiting.splice(0)) tell()
  }

  async settled(): Promise<void> {
    if (this.#lost === undefined) await new Promise<void>((resolve) => void this.#waiting.push(resolve))
  }

  /** Whether a line is safe, once that is known. */
  async keeps(line: number): Promise<boolean> {
    await this.settled()
    return this.#lost?.has(line) === false
  }
}
