import { type EffectSize, type Experiment, ExperimentError, type SealedMetric } from '@fairtrial/protocol'

/** A world to try the plan in: what every treatment does to each metric, absolute, in the metric's unit. */
export interface Scenario {
  readonly name: string
  /** What is true in it, in one sentence. */
  readonly truth: string
  /** Treatment − control, by metric; a metric that is not named is untouched. */
  readonly effects: { readonly [metric: string]: number }
}

/** An effect asked for by hand. */
export interface GivenEffect {
  readonly metric: string
  /** With its sign. */
  readonly size: EffectSize
}

/** How many margins a treatment that harms is worse by. */
const HARM = 2

/**
 * The worlds that a plan must do well in: nothing happens; the smallest lift worth having; twice the margin of the first
 * guardrail that aborts. And the one that was asked for.
 */
export function scenariosOf(experiment: Experiment, given: readonly GivenEffect[]): readonly Scenario[] {
  const { hypothesis, guardrails, metrics } = experiment
  const lift = sizeOf(experiment, hypothesis.metric, hypothesis.minimumLift)
  const towards = hypothesis.direction === 'increase' ? 1 : -1
  const harmful = guardrails.find(({ action }) => action === 'abort')
  return [
    { name: 'no effect', truth: 'No treatment does anything.', effects: {} },
    {
      name: 'smallest lift',
      truth: `Every treatment moves ${hypothesis.metric} by the smallest lift worth having, and nothing else.`,
      effects: { [hypothesis.metric]: towards * lift },
    },
    ...(harmful === undefined
      ? []
      : [
          {
            name: 'harm',
            truth: `Every treatment is worse on ${harmful.metric} by ${HARM} times its margin, and does nothing else.`,
            effects: {
              [harmful.metric]:
                (metrics[harmful.metric]!.direction === 'increase' ? -1 : 1) *
                HARM *
                sizeOf(experiment, harmful.metric, harmful.margin),
            },
          },
        ]),
    ...(given.length === 0
      ? []
      : [
          {
            name: 'given',
            truth: `Every treatment moves ${given.map(({ metric }) => metric).join(', ')} as was asked for.`,
            effects: Object.fromEntries(
              given.map(({ metric, size }) => [metric, sizeOf(experiment, metric, size)]),
            ),
          },
        ]),
  ]
}

function sizeOf(experiment: Experiment, metric: string, size: EffectSize): number {
  const { mean } = baselineOf(experiment, metric)
  return 'absolute' in size ? size.absolute : size.relative * Math.abs(mean)
}

/** @throws ExperimentError `invalid-argument` without one: a world cannot be made of nothing */
export function baselineOf(experiment: Experiment, metric: string): NonNullable<SealedMetric['baseline']> {
  const definition = Object.hasOwn(experiment.metrics, metric) ? experiment.metrics[metric] : undefined
  if (definition === undefined) {
    throw new ExperimentError(
      'invalid-argument',
      `There is no metric ${JSON.stringify(metric)} in ${experiment.key}; there are ${Object.keys(experiment.metrics).join(', ')}.`,
      'Name one of them.',
    )
  }
  if (definition.baseline !== undefined) return definition.baseline
  throw new ExperimentError(
    'invalid-argument',
    `metrics.${metric}.baseline is missing: nothing says what ${metric} is like without the change.`,
    'Write its mean and variance before the trial into the definition: baseline: { mean: 0.62, variance: 0.2356 }.',
  )
}
