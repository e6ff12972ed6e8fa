import type { PlannedEffect, PlannedMetric } from './one-look.ts'
import type { PlannedClusters, PlannedError } from './planned-test.ts'
import type { PowerAnswer, ToldPlan } from './power-answer.ts'
import type { Correction, PowerOptions } from './power-options.ts'

/** Which variances make the test. */
export function varianceConvention(
  metric: PlannedMetric,
  { margin }: PlannedEffect,
): PowerAnswer['metric']['convention'] {
  if (metric.type !== 'proportion') return 'unpooled'
  return metric.method === 'pooled' && margin !== undefined ? 'restricted' : metric.method
}

/** What someone should know who plans with the answer. */
export function notesOf(
  options: PowerOptions,
  told: {
    readonly metric: PlannedMetric
    readonly error: PlannedError
    readonly arms: PowerAnswer['arms']
    readonly clusters: PlannedClusters | undefined
    readonly plan: ToldPlan
  },
): string[] {
  const { metric, error, arms, clusters, plan } = told
  const notes: string[] = []
  if (metric.type === 'count' && options.sd === undefined) {
    notes.push(
      'The counts are taken for Poisson, their variance for their mean. Most counts vary more: give --sd from history.',
    )
  }
  if (corrected[error.correction]) notes.push(corrected[error.correction])
  const treatments = arms.length - 1
  if (treatments > 1 && error.comparisons === 1) {
    notes.push(
      `Each treatment is planned alone against control. Where all ${treatments} are judged together, give --comparisons ${treatments}.`,
    )
  }
  if (plan.type === 'anytime' || plan.type === 'hybrid') notes.push(sequenceNote(plan))
  const fewest = Math.min(...arms.map(({ units }) => units))
  if (clusters) {
    const few = Math.min(...arms.map((arm) => arm.clusters ?? 0))
    if (few < 20) {
      notes.push(
        'Fewer than 20 clusters in an arm: the normal distribution promises too much. Plan for some clusters more.',
      )
    }
  } else if (fewest < 30) {
    notes.push(
      'Fewer than 30 units in an arm: the normal distribution promises too much. Plan for a unit or two more.',
    )
  }
  return notes
}

function sequenceNote({ type, informationFractions = [] }: ToldPlan): string {
  if (type === 'hybrid') {
    return 'Half of alpha watches for harm by a confidence sequence, half for benefit; the power is that of benefit.'
  }
  const looks = informationFractions.length
  return looks === 1
    ? 'The power is counted at the end of the trial alone, which is conservative: give --looks to count what earlier looks find.'
    : `The power counts a crossing at any of ${looks} looks; looking more often can only add to it.`
}

const corrected: Readonly<Record<Correction, string>> = {
  none: '',
  bonferroni: '',
  holm: "Planned for Holm's first step, alpha over all comparisons; later steps ask for less.",
  hochberg: "Planned for Hochberg's strictest step, alpha over all comparisons; the others ask for less.",
  'benjamini-hochberg':
    'Planned for the strictest step of Benjamini-Hochberg, alpha over all comparisons; where other effects are real, too, fewer units will do.',
  'benjamini-yekutieli':
    'Planned for the strictest step of Benjamini-Yekutieli; where other effects are real, too, fewer units will do.',
}
