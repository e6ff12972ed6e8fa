import { setTimeout as wait } from 'node:timers/promises'
import { type Child, startChild } from './child.ts'

/** A program that is started again each time it dies, until it is stopped. */
export class Reborn {
  deaths = 0
  #child: Child | undefined
  #isWanted = true
  #isAlive = false
  #life: Promise<void> | undefined
  #failure: Error | undefined
  readonly #program: string
  readonly #optionsOf: (life: number) => object
  readonly #environment: { readonly [name: string]: string }

  constructor(
    program: string,
    optionsOf: (life: number) => object,
    environment: { readonly [name: string]: string } = {},
  ) {
    this.#program = program
    this.#optionsOf = optionsOf
    this.#environment = environment
  }

  /** Resolves when it runs for the first time. */
  async begin(): Promise<void> {
    this.#life = this.#live(await this.#bear())
    this.#life.catch((cause: Error) => (this.#failure = cause))
  }

  /** SIGKILL; resolves when it has begun anew. */
  async kill(): Promise<void> {
    const { deaths } = this
    this.#child?.kill()
    await this.#until(() => this.deaths > deaths && this.#isAlive)
  }

  /** To the life that it leads now. */
  signal(name: NodeJS.Signals): void {
    this.#child?.signal(name)
  }

  /** SIGKILL, and no more lives. */
  end(): void {
    this.#isWanted = false
    this.#child?.kill()
  }

  /** Resolves when it has died so often. */
  async hasDied(times: number): Promise<void> {
    await this.#until(() => this.deaths >= times)
  }

  /** Tells it to stop, and waits for its last word. Rejects where a life could not begin. */
  async stop(): Promise<unknown> {
    await this.#until(() => this.#isAlive)
    this.#isWanted = false
    const [told] = await Promise.all([this.#child?.stop(), this.#life])
    return told
  }

  async #live(first: Child): Promise<void> {
    for (let child = first; ; child = await this.#bear()) {
      this.#child = child
      this.#isAlive = true
      await child.ended
      this.#isAlive = false
      if (!this.#isWanted) return
      this.deaths++
    }
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#failure !== undefined) throw this.#failure
      await wait(20)
    }
  }

  #bear(): Promise<Child> {
    return startChild(this.#program, this.#optionsOf(this.deaths), this.#environment)
  }
}
