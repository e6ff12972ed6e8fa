import type { Experiment, Unit } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'

/** Arms that are forced: the variant of a unit, by experiment and unit id. */
export interface Overrides {
  readonly [experiment: string]: { readonly [unitId: string]: string }
}

/** The forced arms of one experiment. */
export class ForcedArms {
  readonly #experiment: Experiment
  readonly #variants = new Map<string, string>()

  constructor(experiment: Experiment) {
    this.#experiment = experiment
  }

  get isEmpty(): boolean {
    return this.#variants.size === 0
  }

  /** Of a unit without an id, or whose getters throw, there is none. */
  of(unit: Unit): string | undefined {
    try {
      const unitId: unknown = unit.unitId
      return this.#variants.get(String(unitId))
    } catch {
      return undefined
    }
  }

  /**
   * @param variant null takes the override back
   * @throws ExperimentError `invalid-argument` for a variant that the experiment has not; the message names no unit
   */
  set(unitId: unknown, variant: string | null): void {
    const { key, variants } = this.#experiment
    if (typeof unitId !== 'string' || unitId === '') {
      throw new ExperimentError(
        'invalid-argument',
        `An override of "${key}" names no usable unit id.`,
        'Give the id of a unit.',
      )
    }
    if (variant === null) return void this.#variants.delete(unitId)
    if (!variants.some(({ name }) => name === variant)) {
      throw new ExperimentError(
        'invalid-argument',
        `An override of "${key}" is to the variant ${JSON.stringify(variant)}, and there is no such.`,
        `Give one of ${variants.map(({ name }) => name).join(', ')}.`,
      )
    }
    this.#variants.set(unitId, variant)
  }
}
