import {
  defineExperiment,
  type Experiment,
  type ExperimentDefinition,
  type ExposureEvent,
  exposureId,
  type UnitEvent,
  type OutcomeEvent,
} from '@fairtrial/protocol'

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
    { name: 'model', weight: 1, value: 'Session Model' },
    { name: 'model-b', weight: 2 },
  ],
  control: 'control',
  metrics: {
    started: { type: 'proportion', role: 'primary', direction: 'increase', window: '10s' },
    plays: { type: 'count', role: 'secondary', direction: 'increase', window: '20s', event: 'started' },
    watched: { type: 'mean', role: 'secondary', direction: 'increase', window: '20s', unit: 'seconds' },
    latency: {
      type: 'mean',
      role: 'guardrail',
      direction: 'decrease',
      window: '5s',
      aggregate: 'mean',
      column: 'latency_ms',
    },
  },
  guardrails: [{ metric: 'latency', margin: { relative: 0.1 }, action: 'abort' }],
  analysis: { method: 'asymptotic-cs', tuneAt: 1_000, maximumLateness: '1s' },
  ramp: { stages: [{ trafficPercent: 100, holdFor: '1h', minimumUnits: 100 }] },
} as const satisfies ExperimentDefinition

/** Three arms, four metrics, windows of 5 to 20 seconds, one second of lateness. */
export function trial(changes: Partial<ExperimentDefinition> = {}): Experiment {
  return defineExperiment({ ...definition, ...changes } as ExperimentDefinition)
}

/** The trial's metrics with other fields in one of them. */
export function metricsWith(metric: string, fields: object): ExperimentDefinition['metrics'] {
  const { metrics } = definition as ExperimentDefinition
  return { ...metrics, [metric]: { ...metrics[metric]!, ...fields } }
}

let sequence = 0
const producedBy = (producerId: string) => ({ producerId, sequence: ++sequence, sdk: 'test' })

export function exposure(
  experiment: Experiment,
  unitId: string,
  variant: string,
  exposedAt: number,
  fields: Partial<ExposureEvent> = {},
): ExposureEvent {
  return {
    schema: 'fairtrial.exposure/1',
    exposureId: exposureId(experiment.key, 1, variant, unitId),
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    phase: 1,
    revision: 1,
    unitType: 'viewer',
    unitId,
    variant,
    bucket: 0,
    seed: 1,
    propensity: 0.5,
    reason: 'assigned',
    exposedAt,
    ...producedBy('a'),
    ...fields,
  }
}

export function outcome(
  unitId: string,
  name: string,
  occurredAt: number,
  value = 1,
  fields: Partial<OutcomeEvent> = {},
): OutcomeEvent {
  return {
    schema: 'fairtrial.outcome/1',
    outcomeId: `${unitId}/${name}/${occurredAt}/${value}`,
    name,
    unitType: 'viewer',
    unitId,
    value,
    occurredAt,
    ...producedBy('b'),
    ...fields,
  }
}

/** What a line of a log gives back. */
export function throughJson(events: readonly UnitEvent[]): UnitEvent[] {
  return events.map((event) => JSON.parse(JSON.stringify(event)) as UnitEvent)
}
