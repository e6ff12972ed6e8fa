import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExposureEvent, OutcomeEvent } from './events.ts'
import { MeasurementEvent } from './measurement.ts'
import { ProducerReport } from './producer-report.ts'
import { parseExposureEvent, parseLogEvent, parseOutcomeEvent } from './parse-event.ts'

const exposure: ExposureEvent = {
  schema: 'fairtrial.exposure/1',
  producerId: 'home-7f3a',
  sequence: 1,
  sdk: 'fairtrial-client/1.0.0',
  exposureId: 'meGKeENLADDLVUHl2_it1U',
  experiment: 'home-ranking',
  fingerprint: 'ab'.repeat(32),
  phase: 1,
  revision: 3,
  unitType: 'viewer',
  unitId: 'viewer-1',
  variant: 'control',
  bucket: 999_999,
  seed: 4_294_967_295,
  propensity: 0.5,
  reason: 'assigned',
  treatmentVersion: '2026-03-01',
  modelVersion: 'ranker-118',
  armSequence: 1,
  trigger: 'has-session',
  assignedAs: 'anonymous-1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  exposedAt: 1_767_225_600_000,
  receivedAt: 1_767_225_600_250,
  slate: {
    slateId: 's-1',
    items: [{ itemId: 'film-9', position: 0, score: -0.5, propensity: 0.25 }],
    weight: 4,
  },
  context: { schemaVersion: '2', features: { country: 'CZ', age: 41, isNew: false, referrer: null } },
}
const outcome: OutcomeEvent = {
  schema: 'fairtrial.outcome/1',
  producerId: 'home-7f3a',
  sequence: 2,
  sdk: 'fairtrial-client/1.0.0',
  outcomeId: 'o-1',
  name: 'watch-time',
  unitType: 'viewer',
  unitId: 'viewer-1',
  value: -0.25,
  occurredAt: 1_767_225_660_000,
  receivedAt: 1_767_225_660_010,
  properties: { device: 'tv', nested: { deep: [1, null] } },
}

const measurement: MeasurementEvent = {
  schema: 'fairtrial.measurement/1',
  producerId: 'home-7f3a',
  sequence: 3,
  sdk: 'fairtrial-client/1.0.0',
  experiment: 'home-ranking',
  fingerprint: 'ab'.repeat(32),
  phase: 1,
  revision: 3,
  unitType: 'viewer',
  variant: 'control',
  name: 'latency',
  from: 1_767_225_600_000,
  until: 1_767_225_610_000,
  receivedAt: 1_767_225_610_010,
  accuracy: 0.01,
  clusters: [{ cluster: 255, n: 2, mean: 0.1, m2: 0.02, zeros: 0, bins: [[-115, 2]] }],
}
const report: ProducerReport = {
  schema: 'fairtrial.producer/1',
  producerId: 'home-7f3a',
  sequence: 4,
  sdk: 'fairtrial-client/1.0.0',
  reportedAt: 1_767_225_660_000,
  receivedAt: 1_767_225_660_010,
  isFinal: true,
  offered: 3,
  delivered: 2,
  deduplicated: 0,
  dropped: { 'queue-full': 1 },
  pending: 0,
  arms: [
    {
      experiment: 'home-ranking',
      phase: 1,
      variant: 'control',
      assigned: 4,
      offered: 1,
      numbered: 1,
      deduplicated: 0,
      dropped: 0,
    },
  ],
}

const OPTIONAL = [
  'treatmentVersion',
  'modelVersion',
  'armSequence',
  'trigger',
  'assignedAs',
  'traceparent',
  'receivedAt',
  'slate',
  'context',
  'properties',
]

describe.each([
  ['parseExposureEvent', parseExposureEvent, ExposureEvent, exposure],
  ['parseOutcomeEvent', parseOutcomeEvent, OutcomeEvent, outcome],
  ['parseLogEvent, of a measurement', parseLogEvent, MeasurementEvent, measurement],
  ["parseLogEvent, of a producer's report", parseLogEvent, ProducerReport, report],
] as const)('%s', (_, parse, schema, event) => {
  it('hands back the very object, with fields of a later minor version (FAULTS 9)', () => {
    const later = { ...event, addedInALaterVersion: { any: 'thing' } }
    const parsed = parse(later)
    expect(parsed.ok && parsed.event).toBe(later)
    expect(parseLogEvent(later)).toEqual(parsed)
  })

  it('FAULTS 9: refuses another major version by name', () => {
    const schemaOfNext = event.schema.replace('/1', '/2')
    expect(parse({ ...event, schema: schemaOfNext })).toEqual({
      ok: false,
      code: 'unsupported-version',
      detail: `schema is "${schemaOfNext}", not "${event.schema}"`,
    })
    expect(parseLogEvent({ ...event, schema: schemaOfNext })).toMatchObject({ code: 'unsupported-version' })
  })

  const required = Object.keys(event).filter((field) => !OPTIONAL.includes(field))
  it.each(required)('names the field that is missing: %s', (field) => {
    const { [field]: _gone, ...rest } = event as unknown as Record<string, unknown>
    expect(parse(rest)).toEqual({
      ok: false,
      code: 'invalid-event',
      detail: expect.stringMatching(new RegExp(`^${field} is undefined, not `)),
    })
  })

  it('takes exactly what the schema takes', () => {
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(
        0,
        -0,
        1,
        -1,
        0.5,
        1.5,
        1e308,
        2 ** 32,
        2 ** 53,
        1_000_000,
        Number.NaN,
        Number.POSITIVE_INFINITY,
      ),
      fc.constantFrom('', '1', 'NaN', 'assigned', 'a b', 'x'.repeat(129), '\ud800'),
      fc.constantFrom(
        {},
        [],
        { slateId: 's', items: [] },
        { slateId: 's', items: [{ itemId: 'i', position: -1 }] },
        { slateId: 's', items: [], weight: 0.5 },
        { schemaVersion: '1', features: {} },
        { schemaVersion: '', features: {} },
        { schemaVersion: '1', features: { a: 1, b: null, c: 'x' } },
        { schemaVersion: '1', features: { a: [1] } },
        [{ ...measurement.clusters[0], n: 0 }],
        [{ ...measurement.clusters[0], cluster: 256 }],
        [{ ...measurement.clusters[0], bins: [[1, 2, 3]] }],
        [{ ...measurement.clusters[0], m2: -1 }],
        [{ ...report.arms[0], phase: 0 }],
        [{ ...report.arms[0], assigned: 1.5 }],
        { 'queue-full': -1 },
        { 'queue-full': 2, other: 1 },
      ),
    )
    const spoiled = fc
      .dictionary(fc.constantFrom(...Object.keys(event)), odd, { maxKeys: 2 })
      .map((changes) => ({ ...event, ...changes }))
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: spoiled }, fc.jsonValue()), (value) => {
        expect(parse(value).ok).toBe(schema.safeParse(value).success)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('parseLogEvent', () => {
  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY], ['1'], [null], [true]])(
    'refuses the value %s: not a finite number',
    (value) => {
      expect(parseLogEvent({ ...outcome, value })).toMatchObject({
        ok: false,
        code: 'invalid-event',
        detail: expect.stringMatching(/^value is .*, not a finite number$/),
      })
      expect(parseLogEvent({ ...exposure, exposedAt: value })).toMatchObject({ ok: false })
    },
  )

  it('survives whatever a line can hold', () => {
    for (const value of [
      null,
      undefined,
      1,
      'x',
      [],
      {},
      [exposure],
      { schema: 1 },
      { schema: 'fairtrial.state/1' },
    ]) {
      expect(parseLogEvent(value)).toMatchObject({ ok: false, code: 'invalid-event' })
    }
    const hostile = JSON.parse(`{"__proto__": {"polluted": 1}, ${JSON.stringify(exposure).slice(1)}`)
    expect(parseLogEvent(hostile).ok).toBe(true)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
})
