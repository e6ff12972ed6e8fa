import type { Experiment, Holdout } from '@fairtrial/protocol'
import { sayCount } from '../text/numbers.ts'
import type { LeftOut } from './holdout-trial.ts'

/** What a report of a holdout says and what it cannot, in sentences. */
export function holdoutLimits(
  { unitType, cluster }: Experiment,
  { name, percent }: Holdout,
  found: {
    readonly crossoverUnits: number
    readonly leftOut: LeftOut
    readonly knownBefore: readonly string[]
  },
): readonly string[] {
  const { crossoverUnits, leftOut, knownBefore } = found
  return [
    `It is the effect of all changes together that shipped under definitions that name the holdout ${JSON.stringify(name)}, and of what they do to one another. It tells none of them from another.`,
    'What shipped without the holdout reached both arms alike, and is not in it.',
    `The arms are drawn here by the ids of the table. They are those that were served if services assigned by the same ids, of the type ${JSON.stringify(unitType)}, and every definition has given the holdout ${percent} % since it began.`,
    'It holds for units like those of the table. Choose them alike in both arms, by nothing that a change may have moved: of active units only, an arm that has lost some looks better than it is. The sample ratio shows a large loss, and no small one.',
    'Where services ask for consent, whoever has given none is served control until a change ships, and then what has shipped, in both arms: the effect is diluted by their share. Leave them out of the table.',
    ...sayCovariates(leftOut.covariates, knownBefore),
    'A unit counts once. What is known of it from several tables belongs in one row.',
    ...(crossoverUnits === 0
      ? []
      : [
          `${sayCount(crossoverUnits)} units are left out, for their ${cluster?.unitType ?? 'cluster'} stands in both arms.`,
        ]),
  ]
}

function sayCovariates(leftOut: readonly string[], knownBefore: readonly string[]): string[] {
  return [
    ...(leftOut.length === 0
      ? []
      : [
          'No covariate adjusts it that is not named: what is known before the exposure to one change lies in the midst of the holdout, and what had shipped by then has moved it. Name by --covariate COLUMN what was known before the holdout began.',
        ]),
    ...(knownBefore.length === 0
      ? []
      : [
          `It is adjusted by ${knownBefore.map((column) => JSON.stringify(column)).join(', ')}, and right only if that was known before the holdout began.`,
        ]),
  ]
}
