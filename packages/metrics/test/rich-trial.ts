import { defineExperiment, type Experiment, type ExperimentDefinition } from '@fairtrial/protocol'
import fc from 'fast-check'
import { exposure, outcome } from './trial.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR

const common = { role: 'secondary', direction: 'increase', window: '2d' } as const
const buys = { event: 'buy', column: 'buy' } as const
const views = { event: 'view', column: 'view' } as const

const definition = {
  key: 'rich',
  hypothesis: {
    change: 'another shop window',
    population: 'visitors',
    metric: 'orders',
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
    orders: {
      ...common,
      type: 'count',
      role: 'primary',
      ...buys,
      covariates: [{ before: '1d', column: 'old' }],
    },
    perView: { ...common, type: 'ratio', ...buys, denominator: { event: 'view' } },
    latency: { ...common, type: 'quantile', quantile: 0.9, ...views, aggregate: 'max' },
    spend: { ...common, type: 'mean', ...buys, cap: { lower: -2, upper: 5 } },
    views: { ...common, type: 'count', ...views, maximumEvents: 2 },
    perFirst: { ...common, type: 'ratio', ...buys, denominator: { event: 'view' }, maximumEvents: 2 },
    later: { ...common, type: 'mean', ...buys, delay: '1d', byDay: true },
    ranked: { ...common, type: 'mean', ...views, ranks: true },
    adjusted: {
      ...common,
      type: 'ratio',
      ...buys,
      denominator: { event: 'view' },
      covariates: [{ before: '2d' }, { event: 'visit', before: '1d' }],
    },
  },
  analysis: { method: 'asymptotic-cs', tuneAt: 1_000, maximumLateness: '1h' },
  ramp: { stages: [{ trafficPercent: 100, holdFor: '1h', minimumUnits: 100 }] },
} as const satisfies ExperimentDefinition

/** Every kind of metric and option that a log can be read by; windows of two days. */
export function richTrial(changes: Partial<ExperimentDefinition> = {}): Experiment {
  return defineExperiment({ ...definition, ...changes } as ExperimentDefinition)
}

/** One metric, the primary, with these fields; outcomes `buy` and `view`, windows of two days unless it says so. */
export function trialOf(fields: object, changes: Partial<ExperimentDefinition> = {}): Experiment {
  const metric = { ...common, type: 'mean', ...buys, ...fields, role: 'primary' } as const
  const hypothesis = { ...definition.hypothesis, metric: 'it' }
  return richTrial({ hypothesis, metrics: { it: metric }, ...changes } as Partial<ExperimentDefinition>)
}

/** Any unit's exposure and outcomes, from three days before the start to five after it. */
export const anyMember = fc.record({
  variant: fc.constantFrom('control', 'model'),
  exposedAt: fc.integer({ min: 0, max: 48 }),
  outcomes: fc.array(
    fc
      .tuple(
        fc.constantFrom('buy', 'view', 'visit'),
        fc.integer({ min: -72, max: 120 }),
        fc.integer({ min: -9, max: 9 }),
      )
      // A sum of denominators that is 0 but for rounding has no ratio, and by another order one of 1e16.
      .map(([name, hour, value]) => [name, hour, name === 'view' ? Math.abs(value) : value] as const),
    { maxLength: 8 },
  ),
})

/** The events of one unit, in the order of no clock. */
export function eventsOf(
  experiment: Experiment,
  unitId: string,
  member: typeof anyMember extends fc.Arbitrary<infer M> ? M : never,
) {
  return [
    exposure(experiment, unitId, member.variant, member.exposedAt * HOUR),
    ...member.outcomes.map(([name, hour, value], i) =>
      outcome(unitId, name, hour * HOUR, value, { outcomeId: `${unitId}/${i}` }),
    ),
  ]
}
