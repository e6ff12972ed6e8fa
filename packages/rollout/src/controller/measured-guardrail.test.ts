import { defineExperiment, type Experiment, type MeasurementEvent } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { definition, isExposure, seeded, START, syntheticLog } from '../../../fidelity/test/synthetic-log.ts'
import { MINUTE } from '../../test/fixture.ts'
import { setUp } from '../../test/looped.ts'

const experiment = defineExperiment({
  ...definition,
  metrics: {
    watched: definition.metrics.watched,
    latency: {
      type: 'mean',
      source: 'measurements',
      role: 'guardrail',
      direction: 'decrease',
      unit: 'seconds',
    },
  },
  guardrails: [{ metric: 'latency', margin: { relative: 0.2 }, action: 'abort', hardLimit: { worst: 5 } }],
  ramp: { stages: [{ trafficPercent: 100, holdFor: '30m', minimumUnits: 100 }] },
}) as unknown as Experiment

/** What the units of each arm would have been measured at in half an hour, an event a minute and arm. */
function measurements(secondsOf: { readonly [variant: string]: number }): MeasurementEvent[] {
  const random = seeded(5)
  const units = syntheticLog({ of: experiment }).filter(isExposure)
  const events: MeasurementEvent[] = []
  for (let minute = 1; minute <= 30; minute++) {
    for (const [variant, seconds] of Object.entries(secondsOf)) {
      const clusters = units.flatMap((unit, cluster) => {
        if (unit.variant !== variant || cluster >= 256) return []
        const mean = seconds * (0.5 + random())
        return [
          {
            cluster,
            n: 5,
            mean,
            m2: mean ** 2,
            zeros: 0,
            bins: [[Math.round(50 * Math.log(mean)), 5] as const],
          },
        ]
      })
      events.push({
        schema: 'fairtrial.measurement/1',
        producerId: 'observer',
        sequence: events.length + 1,
        sdk: 'test',
        experiment: experiment.key,
        fingerprint: experiment.fingerprint,
        phase: 1,
        revision: 1,
        unitType: experiment.unitType,
        variant,
        name: 'latency',
        from: START + (minute - 1) * MINUTE,
        until: START + minute * MINUTE,
        receivedAt: START + minute * MINUTE,
        accuracy: 0.01,
        clusters,
      })
    }
  }
  return events
}

const decisionAt = async (secondsOf: { readonly [variant: string]: number }, after: number) => {
  const { tickAt } = setUp([...syntheticLog({ of: experiment }), ...measurements(secondsOf)], { experiment })
  await tickAt(0)
  return (await tickAt(after)).decision
}

describe('a guardrail on what a service measures', () => {
  it('withdraws a treatment that answers too slowly', async () => {
    const decision = await decisionAt({ control: 0.2, model: 0.4 }, 33 * MINUTE)
    expect(decision).toMatchObject({ action: 'abort', rule: 'guardrail-breach' })
    expect(decision!.reasons[0]).toMatch(/^Guardrail latency, model: .* wholly beyond the margin of 20 %/)
  })

  it('lets one go on that does not', async () => {
    const decision = await decisionAt({ control: 0.2, model: 0.2 }, 33 * MINUTE)
    expect(decision).toMatchObject({ action: 'continue', rule: 'awaiting-plan' })
    expect(decision!.evidence).toMatchObject({ guardrails: [{ metric: 'latency', verdict: 'ok' }] })
  })

  it('withdraws it at once at its hard limit, also where control has not been measured', async () => {
    const decision = await decisionAt({ model: 9 }, 2 * MINUTE)
    expect(decision).toMatchObject({ action: 'abort', rule: 'hard-limit' })
    expect(decision!.reasons[0]).toMatch(
      /^Hard limit on latency: model stands at \d+\.\d+ seconds over \d+ units/,
    )
  })

  it('is no proof while nothing is measured', async () => {
    const decision = await decisionAt({}, 33 * MINUTE)
    expect(decision).toMatchObject({ action: 'hold', rule: 'guardrail-unknown' })
    expect(decision!.reasons.join(' ')).toContain('nothing has been measured in control')
  })
})
