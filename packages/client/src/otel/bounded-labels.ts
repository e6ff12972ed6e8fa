/** The attributes of one series. */
export type Labels = { [name: string]: string }

/** Series that one counter has at most: some hundred experiments with all their arms and reasons. */
const MAXIMUM_SERIES = 2_000

const OTHER = 'other'

/**
 * The attributes of a counter by experiment, arm and what became of it. Made once a series, so that counting allocates
 * nothing; beyond `MAXIMUM_SERIES` all others are one, so that a service which makes up experiments fills no memory.
 */
export class BoundedLabels {
  readonly #name: string
  readonly #byExperiment = new Map<string, Map<string, Map<string | null, Labels>>>()
  #series = 0

  /** @param name of the attribute that says what became of it */
  constructor(name: string) {
    this.#name = name
  }

  of(experiment: string, variant: string | null, fate: string): Labels {
    const known = this.#byExperiment.get(experiment)?.get(fate)?.get(variant)
    return known ?? this.#make(experiment, variant, fate)
  }

  #make(experiment: string, variant: string | null, fate: string): Labels {
    if (this.#series >= MAXIMUM_SERIES) return { experiment: OTHER, [this.#name]: fate }
    this.#series += 1
    const labels: Labels = { experiment, [this.#name]: fate }
    if (variant !== null) labels['variant'] = variant
    const byFate = this.#byExperiment.get(experiment) ?? new Map<string, Map<string | null, Labels>>()
    const byVariant = byFate.get(fate) ?? new Map<string | null, Labels>()
    this.#byExperiment.set(experiment, byFate.set(fate, byVariant.set(variant, labels)))
    return labels
  }
}
