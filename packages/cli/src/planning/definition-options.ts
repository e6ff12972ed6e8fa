import type { EffectSize, Experiment, SealedAnalysisPlan } from '@fairtrial/protocol'
import type { PowerAnswer } from './power-answer.ts'
import type { PowerOptions } from './power-options.ts'
import { misused, refuseOptions } from './usage.ts'

/** What a definition says of its primary metric, where the options leave it open. */
export function definitionOptions(experiment: Experiment, given: PowerOptions): PowerOptions {
  refuseOptions(given, ['metric', 'allocation'], 'beside a definition, which tells it')
  const { hypothesis, analysis, control, variants, cluster } = experiment
  if (cluster !== undefined && given.clusterSize === undefined) {
    throw misused(
      `${experiment.key} assigns clusters (${cluster.unitType}): units of one count for less.`,
      'Give --cluster-size and --icc.',
    )
  }
  const isControl = ({ name }: { readonly name: string }) => name === control
  const arms = [...variants.filter(isControl), ...variants.filter((each) => !isControl(each))]
  const needsUnits = given.n === undefined && given.clusters === undefined
  // Whoever gives units and a power asks what they find, and a margin has no lift of its own.
  const asksForLift = given.power !== undefined && !needsUnits
  const tellsEffect = given.mde !== undefined || given.margin !== undefined
  return {
    ...metricOptions(experiment, given),
    direction: hypothesis.direction,
    ...(!tellsEffect && !asksForLift && effectOptions(hypothesis.minimumLift)),
    alpha: analysis.alpha * (analysis.alphaSplit?.[hypothesis.metric] ?? 1),
    ...(arms.length > 2 && { comparisons: arms.length - 1 }),
    ...(given.n === undefined || given.n.length === 1
      ? { allocation: arms.map(({ weight }) => weight) }
      : {}),
    ...(given.plan === undefined && planOptions(analysis, given)),
    ...(analysis.expectedUnitsPerDay !== undefined && { unitsPerDay: analysis.expectedUnitsPerDay }),
    ...given,
  }
}

function metricOptions(
  { key, hypothesis, metrics }: Experiment,
  { baseline, sd }: PowerOptions,
): PowerOptions {
  const metric = metrics[hypothesis.metric]
  if (metric === undefined || metric.type === 'quantile') {
    throw misused(
      `${key}'s primary metric ${hypothesis.metric} is a quantile, whose spread no variance tells.`,
      'Run fairtrial simulate, or plan a mean with options.',
    )
  }
  const { type } = metric
  const known = metric.baseline
  const value = baseline ?? known?.mean
  const spread = sd ?? (known && Math.sqrt(known.variance))
  if (value === undefined || (type !== 'proportion' && spread === undefined)) {
    throw misused(
      `${key}'s primary metric ${hypothesis.metric} has no baseline.`,
      type === 'proportion'
        ? `Give --baseline, or write metrics.${hypothesis.metric}.baseline.`
        : `Give --baseline and --sd, or write metrics.${hypothesis.metric}.baseline: { mean, variance }.`,
    )
  }
  return {
    metric: type,
    baseline: value,
    ...(type !== 'proportion' && spread !== undefined && { sd: spread }),
  }
}

function effectOptions(lift: EffectSize): PowerOptions {
  return 'relative' in lift ? { mde: lift.relative, relative: true } : { mde: lift.absolute }
}

/** The rule of `--plan` that each method of a definition is planned by. */
export const ruleOfMethod = {
  'asymptotic-cs': 'anytime',
  'group-sequential': 'group-sequential',
  hybrid: 'hybrid',
  'fixed-horizon': 'fixed',
} as const

function planOptions(
  { method, tuneAt, looks, spending }: SealedAnalysisPlan,
  given: PowerOptions,
): PowerOptions {
  if (method === 'bayesian') {
    throw misused(
      'The definition stops by a posterior, whose power no formula tells.',
      'Run fairtrial simulate, or give --plan.',
    )
  }
  const plan = ruleOfMethod[method]
  const isSequence = plan === 'anytime' || plan === 'hybrid'
  const schedule = given.looks === undefined && given.information === undefined && plan !== 'fixed'
  return {
    plan,
    ...(isSequence && { tuneAt }),
    ...(schedule && typeof looks === 'object' && { information: looks }),
    ...(given.spending === undefined && plan !== 'fixed' && plan !== 'anytime' && spendingOptions(spending)),
  }
}

function spendingOptions(spending: SealedAnalysisPlan['spending']): PowerOptions {
  if (spending === undefined) return {}
  switch (spending.type) {
    case 'hwang-shih-decani':
      return { spending: spending.type, parameter: spending.gamma }
    case 'kim-demets':
      return { spending: spending.type, parameter: spending.power }
    default:
      return { spending: spending.type }
  }
}

/** Where an answer and the definition part. */
export function definitionNotes(
  { hypothesis, metrics, analysis }: Experiment,
  { sd }: PowerOptions,
  { arms, asked }: Pick<PowerAnswer, 'arms' | 'asked'>,
): string[] {
  const notes: string[] = []
  const known = metrics[hypothesis.metric]?.baseline
  if (sd !== undefined && known !== undefined && sd ** 2 < known.variance) {
    notes.push(
      `--sd ${sd} is optimistic: the baseline of ${hypothesis.metric} has a variance of ${known.variance}, a standard deviation of ${Number(Math.sqrt(known.variance).toPrecision(4))}.`,
    )
  }
  const [control, ...treatments] = arms
  const compared = Math.ceil((control?.exact ?? 0) + Math.min(...treatments.map(({ exact }) => exact)))
  const { maximumUnits } = analysis
  if (asked === 'units' && maximumUnits !== undefined && compared > maximumUnits) {
    notes.push(
      `The definition ends at maximumUnits ${maximumUnits}, and ${compared} units of the two arms compared are needed. Raise it, or give --n to see the power that it has.`,
    )
  }
  return notes
}
