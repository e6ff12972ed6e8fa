import { setTimeout as wait } from 'node:timers/promises'
import { type Child, startChild } from './child.ts'

/** A program that is started again each time it dies, until it is stopped. */
export class Reborn {
  deaths = 0
  #child: Child | undefined
  #isWanted = true
  #isAlive = false
  #life: Promise<void> | undefined
  readonly #program: string
  readonly #optionsOf: (life: number) => object

  constructor(program: string, optionsOf: (life: number) => object) {
    this.#program = program
    this.#optionsOf = optionsOf
  }

  /** Resolves when it runs for the first time. */
  async begin(): Promise<void> {
    const child = await startChild(this.#program, this.#optionsOf(0))
    this.#life = this.#live(child)
  }

  /** SIGKILL; resolves when it has begun anew. */
  async kill(): Promise<void> {
    const { deaths } = this
    this.#child?.kill()
    while (this.deaths === deaths || !this.#isAlive) await wait(20)
  }

  /** Tells it to stop, and waits for its last word. Rejects where a life could not begin. */
  async stop(): Promise<unknown> {
    while (!this.#isAlive) await wait(20)
    this.#isWanted = false
    const [told] = await Promise.all([this.#child?.stop(), this.#life])
    return told
  }

  async #live(first: Child): Promise<void> {
    for (let child = first; ; child = await startChild(this.#program, this.#optionsOf(this.deaths))) {
      this.#child = child
      this.#isAlive = true
      await child.ended
      this.#isAlive = false
      if (!this.#isWanted) return
      this.deaths++
    }
  }
}
