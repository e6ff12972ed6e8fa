import { parseDefinition } from './define.ts'
import { ExperimentError, type Problem } from './error.ts'
import type { Experiment, LayerSlot } from './experiment.ts'

/**
 * Defines trials that live side by side.
 *
 * @throws ExperimentError as `defineExperiment` does for each, and as `refuseCollisions` does for all of them
 */
export function defineExperiments(definitions: readonly unknown[]): readonly Experiment[] {
  const experiments = definitions.map(parseDefinition)
  refuseCollisions(experiments)
  return experiments
}

/**
 * Holds trials against each other.
 *
 * @throws ExperimentError `invalid-definition` with every two that have one key, or that share a part of a layer
 */
export function refuseCollisions(experiments: readonly Pick<Experiment, 'key' | 'layer'>[]): void {
  const problems = experiments.flatMap((later, index) =>
    experiments.slice(0, index).flatMap((earlier) => collisionsOf(earlier, later)),
  )
  if (problems.length === 0) return
  throw new ExperimentError(
    'invalid-definition',
    `The trials collide.${problems.map(({ path, message, remedy }) => `\n  ${path}: ${message} ${remedy}`).join('')}\n`,
    'Mend what is listed; none of them has been started.',
    { problems },
  )
}

type Keyed = Pick<Experiment, 'key' | 'layer'>

function collisionsOf(a: Keyed, b: Keyed): Problem[] {
  if (a.key === b.key) {
    return [
      {
        path: b.key,
        value: b.key,
        message: `Two trials have the key ${b.key}.`,
        remedy: 'Keys are unique for ever: name one of them anew.',
      },
    ]
  }
  if (a.layer === undefined || b.layer === undefined || a.layer.name !== b.layer.name) return []
  const fromPercent = Math.max(a.layer.fromPercent, b.layer.fromPercent)
  const toPercent = Math.min(a.layer.toPercent, b.layer.toPercent)
  if (fromPercent >= toPercent) return []
  return [
    {
      path: `${b.key}.layer`,
      value: b.layer,
      message:
        `${b.key} holds ${slot(b.layer)} of layer ${b.layer.name} and ${a.key} holds ${slot(a.layer)}: ` +
        `both hold ${slot({ fromPercent, toPercent })}.`,
      remedy: 'Give them slots that do not overlap.',
    },
  ]
}

function slot({ fromPercent, toPercent }: Omit<LayerSlot, 'name'>): string {
  return `[${fromPercent} %, ${toPercent} %)`
}
