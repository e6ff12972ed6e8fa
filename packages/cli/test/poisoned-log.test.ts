import { isLogEvent } from '@fairtrial/exposure/segments'
import { sampleExposure, sampleOutcome } from '@fairtrial/exposure/testing'
import { auditReport, createAudit, foldAudit } from '@fairtrial/fidelity'
import { createFold, foldEvents, summaryOf } from '@fairtrial/metrics'
import { defineExperiment, type LogEvent } from '@fairtrial/protocol'
import { evaluate } from '@fairtrial/sequential'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { trial } from './trial.ts'

const AT = 1_767_225_600_000

/** A plan that looks into every corner of an event. */
const experiment = defineExperiment({
  ...trial,
  metrics: {
    ...trial.metrics,
    latency: {
      type: 'quantile',
      quantile: 0.5,
      role: 'secondary',
      direction: 'decrease',
      source: 'measurements',
    },
  },
  dimensions: { country: { known: 'before-exposure' } },
  exclusions: { version: '1', rules: [{ name: 'bots', feature: 'client', in: ['bot'] }] },
} as never)
const { key, fingerprint } = experiment

const produced = { producerId: 'p', sdk: 's', receivedAt: AT + 900 }
const arm = { experiment: key, phase: 1, variant: 'model' }
const whole: readonly LogEvent[] = [
  sampleExposure({
    ...arm,
    fingerprint,
    armSequence: 1,
    trigger: 'opened',
    assignedAs: 'anonymous-1',
    receivedAt: AT + 100,
    slate: { slateId: 's', items: [] },
    context: { schemaVersion: '1', features: { country: 'CZ', client: 'tv' } },
  }),
  sampleOutcome({ name: 'watched', properties: {}, receivedAt: AT + 900 }),
  {
    schema: 'fairtrial.producer/1',
    ...produced,
    sequence: 3,
    reportedAt: AT,
    isFinal: true,
    offered: 1,
    delivered: 1,
    deduplicated: 0,
    dropped: {},
    pending: 0,
    arms: [{ ...arm, assigned: 1, offered: 1, numbered: 1, deduplicated: 0, dropped: 0 }],
  },
  {
    schema: 'fairtrial.measurement/1',
    ...produced,
    ...arm,
    sequence: 4,
    fingerprint,
    revision: 1,
    unitType: 'viewer',
    name: 'latency',
    from: AT,
    until: AT,
    accuracy: 0.01,
    clusters: [{ cluster: 3, n: 2, mean: 1, m2: 0, zeros: 0, bins: [[1, 2]] }],
  },
]

/** An event of which some fields hold what nobody would write. */
const spoiled = fc.constantFrom(...whole).chain((event) => {
  const fields = fc.constantFrom(...Object.keys(event).filter((field) => field !== 'schema'))
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(null, -1, 1e308, 1.5, '', {}, [], [null], [{}], { features: null }, { schemaVersion: 1 }),
  )
  return fc.dictionary(fields, odd, { maxKeys: 3 }).map((changes) => ({ ...event, ...changes }))
})

it('FAULTS 39: whatever passes for an event can be read to the end', () => {
  expect(whole.every(isLogEvent)).toBe(true)
  fc.assert(
    fc.property(fc.array(spoiled, { minLength: 1, maxLength: 6 }), (lines) => {
      const events = (JSON.parse(JSON.stringify(lines)) as unknown[]).filter(isLogEvent)
      const fold = createFold(experiment, { phase: 1 })
      const audit = createAudit(experiment, { phase: 1 })
      foldEvents(fold, events)
      foldAudit(audit, events)
      expect(auditReport(audit, { asOf: AT + 60_000 }).experiment).toBe(key)
      expect(evaluate(experiment, summaryOf(fold, AT + 60_000), {}).experiment).toBe(key)
    }),
    { numRuns: 3_000 },
  )
})
