import type { Experiment, Holdout } from '@fairtrial/protocol'
import { sayCount } from '../text/numbers.ts'

/** What a report of a holdout says and what it cannot, in sentences. */
export function holdoutLimits(
  { unitType, cluster }: Experiment,
  { name, percent }: Holdout,
  crossoverUnits: number,
): readonly string[] {
  return [
    `It is the effect of all changes together that shipped under definitions that name the holdout ${JSON.stringify(name)}, and of what they do to one another. It tells none of them from another.`,
    'What shipped without the holdout reached both arms alike, and is not in it.',
    `The arms are drawn here by the ids of the table. They are those that were served if services assigned by the same ids, of the type ${JSON.stringify(unitType)}, and every definition has given the holdout ${percent} % since it began.`,
    'It holds for units like those of the table. Choose them alike in both arms, by nothing that a change may have moved: of active units only, an arm that has lost some looks better than it is. The sample ratio shows a large loss, and no small one.',
    'A unit counts once. What is known of it from several tables belongs in one row.',
    ...(crossoverUnits === 0
      ? []
      : [
          `${sayCount(crossoverUnits)} units are left out, for their ${cluster?.unitType ?? 'cluster'} stands in both arms.`,
        ]),
  ]
}
