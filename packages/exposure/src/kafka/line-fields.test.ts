import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRecorder, memorySink } from '../index.ts'
import { sampleArm, sampleExposure, sampleOutcome } from '../testing/index.ts'
import { fieldsOf } from './line-fields.ts'

function read(line: string) {
  const text = Buffer.from(line).toString('latin1')
  // Something before and behind it, as in a batch.
  return fieldsOf(`{}\n${text}\n{"schema":1}`, 3, 3 + text.length)
}

it('reads what a recorder writes', async () => {
  const sink = memorySink()
  const recorder = createRecorder({ sink, producerId: 'api-1' })
  const slate = { slateId: 's', items: [{ itemId: '"exposureId":"x', position: 0 }] }
  recorder.expose(sampleArm(), { exposedAt: 1_767_225_600_000.5, slate })
  recorder.track({
    name: 'started',
    unitType: 'viewer',
    unitId: 'Zoë "the 2nd" \u{1F3AC}\n',
    occurredAt: 5,
    outcomeId: 'an outcome of Zoë',
    properties: { outcomeId: 'nested', deep: [{ producerId: 'nested' }] },
  })
  await recorder.close()
  const [exposure, outcome] = sink.events() as [{ exposureId: string }, unknown]
  expect(outcome).toMatchObject({ outcomeId: 'an outcome of Zoë' })
  expect(sink.lines.slice(0, 2).map(read)).toEqual([
    {
      schema: 'fairtrial.exposure/1',
      id: exposure.exposureId,
      producerId: 'api-1',
      time: 1_767_225_600_000.5,
    },
    { schema: 'fairtrial.outcome/1', id: 'an outcome of Zoë', producerId: 'api-1', time: 5 },
  ])
})

it('reads the trace context, and names by producer and number what has no id', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  expect(read(JSON.stringify(sampleExposure({ traceparent })))).toMatchObject({ traceparent })
  const measurement = { schema: 'fairtrial.measurement/1', producerId: 'p', sequence: 7, from: 1, until: 2 }
  expect(read(JSON.stringify(measurement))).toMatchObject({ id: 'p:7', time: 2 })
  const report = { schema: 'fairtrial.producer/1', producerId: 'p', sequence: 8, reportedAt: 3 }
  expect(read(JSON.stringify(report))).toMatchObject({ id: 'p:8', time: 3 })
})

it('reads what others write: spaces, escapes, another order', () => {
  const outcome = sampleOutcome({ outcomeId: 'Zoë\t"\\', producerId: '\u{1F3AC}' })
  const reversed = Object.fromEntries(Object.entries(outcome).toReversed())
  const expected = read(JSON.stringify(outcome))
  expect(expected).toMatchObject({ id: 'Zoë\t"\\', producerId: '\u{1F3AC}', time: outcome.occurredAt })
  expect(read(JSON.stringify(outcome, null, 2).replaceAll('\n', ' '))).toEqual(expected)
  expect(read(JSON.stringify(reversed))).toEqual(expected)
  expect(read(JSON.stringify(outcome).replaceAll('o', '\\u006f'))).toEqual(expected)
})

it('takes nothing for an event that is none', () => {
  for (const line of ['', '{', '{}', 'null', '[1]', '"x"', '{"schema":"x"}', '{"schema":"x",', '\u{1F3AC}'])
    expect(read(line)).toBeUndefined()
  const event = JSON.stringify(sampleOutcome())
  for (let length = 0; length < event.length; length++) expect(read(event.slice(0, length))).toBeUndefined()
})

it('reads the outermost fields as JSON.parse does, whatever is in the others', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.integer({ min: 0, max: 5 }), (rest, place) => {
      const entries = Object.entries(rest).filter(([name]) => !(name in sampleOutcome()))
      entries.splice(place, 0, ...Object.entries(sampleOutcome({ outcomeId: 'here' })))
      const event = Object.fromEntries(entries)
      for (const name of ['exposureId', 'exposedAt', 'until', 'reportedAt', 'traceparent']) delete event[name]
      expect(read(JSON.stringify(event))).toEqual({
        schema: 'fairtrial.outcome/1',
        id: 'here',
        producerId: 'producer-1',
        time: event.occurredAt,
      })
    }),
  )
})

it('tells no time that is none', () => {
  for (const exposedAt of [1e300, -9e15, null, 'noon'])
    expect(read(JSON.stringify({ ...sampleExposure(), exposedAt }))).toMatchObject({ time: undefined })
})
