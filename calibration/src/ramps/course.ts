import type { Experiment, MetricDefinition } from '@fairtrial/protocol'
import { trialOf } from '../trial.ts'

/** A metric that is guarded, and its truth. More of it is worse. */
export interface GuardedMetric {
  readonly name: string
  /** Its mean in control: known beforehand to whoever sets a threshold. */
  readonly baseline: number
  /** How much more is tolerated, in its own unit. */
  readonly margin: number
  /** Of a lognormal number, the standard deviation of its logarithm; absent of what a unit has or has not. */
  readonly spread?: number
}

/** How a ramp goes in truth. */
export interface Course {
  readonly metrics: readonly GuardedMetric[]
  /** Eligible units that come in a minute; a stage enrolls its share of them, half in each arm. */
  readonly unitsPerMinute: number
  /** How much worse the treatment is on the first metric, in margins. */
  readonly harm: number
  /** Minutes in which both arms have `times` as much of everything. */
  readonly incident?: { readonly from: number; readonly to: number; readonly times: number }
  /** Minutes in which nothing that is measured arrives; all of it does when they are over. */
  readonly outage?: { readonly from: number; readonly to: number }
}

export const STAGES = [
  { trafficPercent: 10, minutes: 60 },
  { trafficPercent: 50, minutes: 60 },
  { trafficPercent: 100, minutes: 240 },
] as const

/** From the start of a ramp to where it is no longer watched. */
export const MINUTES = STAGES.reduce((sum, { minutes }) => sum + minutes, 0)

/** The stage that a ramp by the clock is in. */
export function stageByTime(minute: number): number {
  let end = 0
  return STAGES.findIndex(({ minutes }) => minute < (end += minutes))
}

/** The plan as a service would write it. Its primary metric says nothing. */
export function planOf({ metrics }: Course): Experiment {
  const guarded: [string, MetricDefinition][] = metrics.map(({ name, spread }) => [
    name,
    {
      type: spread === undefined ? 'proportion' : 'mean',
      role: 'guardrail',
      direction: 'decrease',
      window: '1m',
    },
  ])
  return trialOf({
    key: 'ramp',
    metrics: {
      primary: { type: 'mean', role: 'primary', direction: 'increase', window: '1d' },
      ...Object.fromEntries(guarded),
    },
    guardrails: metrics.map(({ name, baseline, margin, spread }) => ({
      metric: name,
      margin: { absolute: margin },
      action: 'abort',
      // Ten times what is usual, and never within reach of chance.
      ...(spread === undefined && { hardLimit: { worst: 10 * baseline, minimumUnits: 30 } }),
    })),
    ramp: {
      stages: STAGES.map(({ trafficPercent, minutes }) => ({
        trafficPercent,
        holdFor: `${minutes}m` as const,
        minimumUnits: 1_000,
      })),
    },
  })
}
