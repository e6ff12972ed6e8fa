import { type LoadedExperiment, loadExperiment, type LoadOptions } from '@fairtrial/assignment'
import type { Assignment, Experiment, RolloutState } from '@fairtrial/protocol'
import { ForcedArms } from './overrides.ts'
import { AssignedCounts } from './assigned-counts.ts'
import { ServedCounts } from './served-counts.ts'

/** One experiment of a client: ready for `assign` under its state, with the counts of what it served. */
export class Trial {
  readonly experiment: Experiment
  readonly keepsServing: boolean
  readonly served = new ServedCounts()
  readonly assigned = new AssignedCounts()
  readonly forced: ForcedArms
  loaded: LoadedExperiment
  state: RolloutState | null = null
  readonly #options: LoadOptions

  /** @throws ExperimentError where the definition cannot be loaded */
  constructor(experiment: Experiment, options: LoadOptions) {
    this.experiment = experiment
    this.forced = new ForcedArms(experiment)
    this.keepsServing = experiment.whenStateLapses === 'keep-serving'
    this.#options = options
    this.loaded = loadExperiment(experiment, null, options)
  }

  /**
   * Comes under another state. Null: the source knows none (any more), and control is served. A state of an older
   * revision than has been in force is not taken back, whatever the snapshot around it.
   *
   * @returns whether anything changed
   * @throws ExperimentError where the state is unusable for this definition; control is served then
   */
  comeUnder(state: RolloutState | null): boolean {
    if (state?.revision === this.state?.revision && state?.fingerprint === this.state?.fingerprint)
      return false
    if (state !== null && state.revision < this.served.revision) return false
    this.state = state
    if (state !== null && state.revision > this.served.revision) this.served.begin(state.revision)
    this.loaded = loadExperiment(this.experiment, null, this.#options)
    if (state !== null) this.loaded = loadExperiment(this.experiment, state, this.#options)
    return true
  }

  /**
   * What counts as served. Who is not enrolled meets a treatment all the same once one has shipped: a rollback, of a bake
   * above all, is proved by what was served and not by who was enrolled.
   */
  variantOf({ variant, config }: Pick<Assignment, 'variant' | 'config'>): string | null {
    const { hasShipped, standing } = this.loaded
    const isShipped = hasShipped && variant === null && config === standing.config
    return isShipped ? (this.state?.shippedVariant ?? null) : variant
  }
}
