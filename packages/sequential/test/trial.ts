import {
  defineExperiment,
  type Experiment,
  type ExperimentDefinition,
  type Guardrail,
  type MetricSummary,
  type Moments,
  type TrialSummary,
} from '@fairtrial/protocol'
import { emptyMoments, momentsOf } from '@fairtrial/statistics'

const definition = {
  key: 'home-row',
  hypothesis: {
    change: 'ranking the home row by the session model',
    population: 'signed-in viewers',
    metric: 'started',
    direction: 'increase',
    minimumLift: { relative: 0.02 },
    horizon: '14d',
  },
  unitType: 'viewer',
  variants: [
    { name: 'control', weight: 1 },
    { name: 'model', weight: 1 },
  ],
  control: 'control',
  metrics: {
    started: { type: 'proportion', role: 'primary', direction: 'increase', window: '10s' },
    watched: { type: 'mean', role: 'secondary', direction: 'increase', window: '20s' },
    errors: { type: 'count', role: 'guardrail', direction: 'decrease', window: '5s' },
  },
  guardrails: [{ metric: 'errors', margin: { absolute: 0.05 }, action: 'abort' }],
  analysis: { method: 'asymptotic-cs', tuneAt: 1_000, alpha: 0.04, falseAbortAlpha: 0.1 },
  ramp: { stages: [{ trafficPercent: 100, holdFor: '1h', minimumUnits: 100 }] },
} as const satisfies ExperimentDefinition

/** Two arms; a primary proportion, a secondary mean, a guardrail on a count that should fall. */
export function trial(changes: Partial<ExperimentDefinition> = {}): Experiment {
  return defineExperiment({ ...definition, ...changes } as ExperimentDefinition)
}

/** The trial with its one guardrail changed. */
export function trialWithGuardrail(changes: Partial<Guardrail>): Experiment {
  return trial({ guardrails: [{ ...definition.guardrails[0], ...changes }] })
}

/** All units closed; a metric that is not given has no values. */
export function summaryOf(
  experiment: Experiment,
  values: { readonly [metric: string]: { readonly [variant: string]: Iterable<number> | Moments } },
): TrialSummary {
  const names = experiment.variants.map(({ name }) => name)
  const cell = (metric: string, variant: string): [string, MetricSummary] => {
    const given = values[metric]?.[variant] ?? emptyMoments
    const moments = 'm2' in given ? given : momentsOf(given)
    return [variant, { closed: moments, current: moments, missing: 0 }]
  }
  const metrics = Object.keys(experiment.metrics).map((metric) => [
    metric,
    Object.fromEntries(names.map((name) => cell(metric, name))),
  ])
  return {
    schema: 'fairtrial.summary/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    phase: 1,
    asOf: 1_000,
    units: Object.fromEntries(names.map((name) => [name, 0])),
    metrics: Object.fromEntries(metrics) as TrialSummary['metrics'],
    counts: {
      crossoverUnits: 0,
      repeatedExposures: 0,
      earlyOutcomes: 0,
      lateOutcomes: 0,
      repeatedOutcomes: 0,
      unmatchedOutcomes: 0,
      foreignExposures: 0,
      nonFiniteValues: 0,
    },
    newestEventAt: 900,
  }
}

/** Moments of zeros and ones. */
export function ones(successes: number, n: number): Moments {
  return { n, mean: successes / n, m2: (successes * (n - successes)) / n }
}
