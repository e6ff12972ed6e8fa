import { type LoadOptions, refuseEqualSeeds } from '@fairtrial/assignment'
import type { Experiment, RolloutState } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import type { Overrides } from './overrides.ts'
import { Trial } from './trial.ts'

/** The experiments of a client, each under its state. */
export class Trials {
  readonly list: readonly Trial[]
  readonly #byDefinition: Map<unknown, Trial>
  readonly #byKey: Map<string, Trial>
  readonly #strangers = new WeakMap<object, Trial>()
  readonly #options: LoadOptions
  readonly #failed: (error: unknown) => void

  /** @throws ExperimentError where the definitions cannot be loaded, or not together */
  constructor(experiments: readonly Experiment[], options: LoadOptions, failed: (error: unknown) => void) {
    this.#options = options
    this.#failed = failed
    this.list = experiments.map((experiment) => new Trial(experiment, options))
    this.#byDefinition = new Map(this.list.map((trial) => [trial.experiment, trial]))
    this.#byKey = new Map(this.list.map((trial) => [trial.experiment.key, trial]))
    for (const { experiment } of this.list) {
      if (this.#byKey.get(experiment.key)?.experiment === experiment) continue
      throw new ExperimentError(
        'invalid-argument',
        `Two of the experiments have the key "${experiment.key}".`,
        'Give each experiment once.',
      )
    }
    refuseEqualSeeds(this.list.map((trial) => trial.loaded))
  }

  /**
   * Forces arms.
   *
   * @param idOf by what a unit goes
   * @throws ExperimentError `invalid-argument` for an experiment, a unit id or a variant that there is not
   */
  force(overrides: Overrides, idOf: (unitId: string) => unknown): void {
    for (const [key, variants] of Object.entries(overrides)) {
      for (const [unitId, variant] of Object.entries(variants))
        this.named(key).forced.set(idOf(unitId), variant)
    }
  }

  /** @throws ExperimentError `invalid-argument` where there is none of that key */
  named(key: string): Trial {
    const trial = this.#byKey.get(key)
    if (trial !== undefined) return trial
    throw new ExperimentError(
      'invalid-argument',
      `An override names the experiment ${JSON.stringify(key)}, which is not among those of the client.`,
      `Name one of ${[...this.#byKey.keys()].join(', ')}.`,
    )
  }

  /** @returns whether anything changed */
  comeUnder(states: readonly RolloutState[]): boolean {
    const stateOf = new Map(states.map((state) => [state.experiment, state]))
    let hasChanged = false
    for (const trial of this.list) {
      try {
        hasChanged = trial.comeUnder(stateOf.get(trial.experiment.key) ?? null) || hasChanged
      } catch (error) {
        hasChanged = true
        this.#failed(error)
      }
    }
    return hasChanged
  }

  /** Nobody is told what is served, so there is nothing to keep apart for. */
  acknowledge(): void {
    for (const { served } of this.list) served.acknowledge(served.closed)
  }

  /** @throws where this is no definition at all */
  find(experiment: Experiment): Trial {
    return this.#byDefinition.get(experiment) ?? this.#strangers.get(experiment) ?? this.#meet(experiment)
  }

  /** Another copy of a known definition is as good as the one given; any other has no state, and is told once. */
  #meet(experiment: Experiment): Trial {
    const known = this.#byKey.get(experiment.key)
    const isCopy = known?.experiment.fingerprint === experiment.fingerprint
    const trial = known !== undefined && isCopy ? known : new Trial(experiment, this.#options)
    this.#strangers.set(experiment, trial)
    if (trial !== known) {
      this.#failed(
        new ExperimentError(
          'invalid-argument',
          `Experiment "${experiment.key}" is not among those that the client was made with, so control is served.`,
          'Add it to `experiments` of createClient.',
        ),
      )
    }
    return trial
  }
}
