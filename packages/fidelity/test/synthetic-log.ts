import { assign, loadExperiment } from '@fairtrial/assignment'
import { defineExperiment } from '@fairtrial/protocol'
import type {
  Experiment,
  ExposureEvent,
  LogEvent,
  OutcomeEvent,
  RolloutState,
  UnitEvent,
} from '@fairtrial/protocol'

export const START = 1_700_000_000_000
export const MINUTE = 60_000

export const definition = {
  key: 'ranking',
  unitType: 'viewer',
  hypothesis: {
    change: 'a session model ranks the home row',
    population: 'signed-in viewers',
    metric: 'watched',
    direction: 'increase',
    minimumLift: { relative: 0.02 },
    horizon: '14d',
  },
  variants: [
    { name: 'control', weight: 1 },
    { name: 'model', weight: 1 },
  ],
  control: 'control',
  metrics: {
    watched: { type: 'mean', role: 'primary', direction: 'increase', window: '30m' },
    started: { type: 'proportion', role: 'guardrail', direction: 'increase', window: '1m' },
  },
  guardrails: [{ metric: 'started', margin: { relative: 0.02 }, action: 'abort' }],
  analysis: { method: 'asymptotic-cs', tuneAt: 10_000 },
  ramp: { stages: [{ trafficPercent: 100, holdFor: '1h', minimumUnits: 100 }] },
} as const

export const experiment: Experiment = defineExperiment(definition)

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export interface LogPlan {
  readonly seed?: number
  readonly units?: number
  readonly of?: Experiment
  readonly phase?: number
  /** Share of exposures that never reach the log, by variant: lost before they are numbered, so that no gap tells. */
  readonly loss?: { readonly [variant: string]: number }
  readonly producers?: number
  readonly outcomes?: boolean
}

/** What services would have logged of so many units over half an hour, each exposed once, most with an outcome. */
export function syntheticLog(plan: LogPlan = {}): UnitEvent[] {
  const {
    seed = 1,
    units = 2_000,
    of = experiment,
    phase = 1,
    loss = {},
    producers = 3,
    outcomes = true,
  } = plan
  const random = seeded(seed)
  const loaded = loadExperiment(of, stateOf(of, phase))
  const sequences = Array.from({ length: producers }, () => 0)
  const events: UnitEvent[] = []
  const produced = () => {
    const producer = Math.floor(random() * producers)
    sequences[producer]! += 1
    return { producerId: `p${seed}-${phase}-${producer}`, sequence: sequences[producer]!, sdk: 'test/1' }
  }
  for (let i = 0; i < units; i++) {
    const unitId = `viewer-${seed}-${i}`
    const arm = assign(loaded, { unitType: 'viewer', unitId })
    if (arm.variant === null || arm.bucket === null || arm.propensity === null) continue
    if (random() < (loss[arm.variant] ?? 0)) continue
    const exposedAt = START + Math.floor((i / units) * 30 * MINUTE)
    events.push({
      schema: 'fairtrial.exposure/1',
      exposureId: `e-${phase}-${unitId}`,
      experiment: of.key,
      fingerprint: of.fingerprint,
      phase,
      revision: 1,
      unitType: 'viewer',
      unitId,
      variant: arm.variant,
      bucket: arm.bucket,
      seed: arm.seed,
      propensity: arm.propensity,
      reason: 'assigned',
      exposedAt,
      receivedAt: exposedAt + 200,
      ...produced(),
    })
    if (!outcomes || random() < 0.2) continue
    events.push({
      schema: 'fairtrial.outcome/1',
      outcomeId: `o-${unitId}`,
      name: 'started',
      unitType: 'viewer',
      unitId,
      value: 1,
      occurredAt: exposedAt + 5_000,
      receivedAt: exposedAt + 5_200,
      ...produced(),
    })
  }
  return events
}

export const isExposure = (event: LogEvent): event is ExposureEvent => event.schema === 'fairtrial.exposure/1'
export const isOutcome = (event: LogEvent): event is OutcomeEvent => event.schema === 'fairtrial.outcome/1'

export function stateOf({ key, fingerprint }: Experiment, phase: number): RolloutState {
  return {
    schema: 'fairtrial.state/1',
    experiment: key,
    fingerprint,
    phase,
    revision: 1,
    status: 'running',
    stage: 0,
    trafficPercent: 100,
    shippedVariant: null,
    startedAt: START,
    stageStartedAt: START,
    changedAt: START,
    holdingSince: null,
    cause: 'test',
  }
}
