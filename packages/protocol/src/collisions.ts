import { parseDefinition } from './define.ts'
import { ExperimentError, type Problem } from './error.ts'
import type { Experiment, Holdout, LayerSlot } from './experiment.ts'

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
 * @throws ExperimentError `invalid-definition` with every two that have one key, that share a part of a layer, or that give one
 *   holdout two sizes
 */
export function refuseCollisions(
  experiments: readonly Pick<Experiment, 'key' | 'layer' | 'holdout'>[],
): void {
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

type Keyed = Pick<Experiment, 'key' | 'layer' | 'holdout'>

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
  return [...layersOf(a, b), ...holdoutsOf(a, b)]
}

function layersOf(a: Keyed, b: Keyed): Problem[] {
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

/** Of two sizes the arms are not the same: units that are status-quo here get there what has shipped. */
function holdoutsOf(a: Keyed, b: Keyed): Problem[] {
  if (a.holdout === undefined || b.holdout === undefined || a.holdout.name !== b.holdout.name) return []
  if (a.holdout.percent === b.holdout.percent) return []
  const size = ({ percent }: Holdout) => `${percent} % of units`
  return [
    {
      path: `${b.key}.holdout`,
      value: b.holdout,
      message:
        `${b.key} gives each arm of holdout ${b.holdout.name} ${size(b.holdout)}, and ${a.key} gives it ${size(a.holdout)}: ` +
        'some units would keep the status quo in one and get what has shipped in the other.',
      remedy: 'Give the holdout one size in every definition that names it.',
    },
  ]
}

function slot({ fromPercent, toPercent }: Omit<LayerSlot, 'name'>): string {
  return `[${fromPercent} %, ${toPercent} %)`
}
