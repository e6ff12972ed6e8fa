import { expect, it } from 'vitest'
import { createRecorder, memorySink } from '../index.ts'
import { sampleArm, sampleExposure, sampleOutcome } from '../testing/index.ts'
import { fieldsOf } from './line-fields.ts'

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
  expect(sink.lines.slice(0, 2).map(fieldsOf)).toEqual([
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
  expect(fieldsOf(JSON.stringify(sampleExposure({ traceparent })))).toMatchObject({ traceparent })
  const measurement = { schema: 'fairtrial.measurement/1', producerId: 'p', sequence: 7, from: 1, until: 2 }
  expect(fieldsOf(JSON.stringify(measurement))).toMatchObject({ id: 'p:7', time: 2 })
  const report = { schema: 'fairtrial.producer/1', producerId: 'p', sequence: 8, reportedAt: 3 }
  expect(fieldsOf(JSON.stringify(report))).toMatchObject({ id: 'p:8', time: 3 })
})

it('reads what others write: spaces, escapes, another order', () => {
  const outcome = sampleOutcome({ outcomeId: 'Zoë\t"\\', producerId: '\u{1F3AC}' })
  const reversed = Object.fromEntries(Object.entries(outcome).toReversed())
  const expected = fieldsOf(JSON.stringify(outcome))
  expect(expected).toMatchObject({ id: 'Zoë\t"\\', producerId: '\u{1F3AC}', time: outcome.occurredAt })
  expect(fieldsOf(JSON.stringify(outcome, null, 2).replaceAll('\n', ' '))).toEqual(expected)
  expect(fieldsOf(JSON.stringify(reversed))).toEqual(expected)
  expect(fieldsOf(JSON.stringify(outcome).replaceAll('o', '\\u006f'))).toEqual(expected)
})

it('takes nothing for an event that is none', () => {
  for (const line of ['', '{', '{}', 'null', '[1]', '"x"', '{"schema":"x"}', '{"schema":"x",', '\u{1F3AC}'])
    expect(fieldsOf(line)).toBeUndefined()
  const event = JSON.stringify(sampleOutcome())
  for (let length = 0; length < event.length; length++)
    expect(fieldsOf(event.slice(0, length))).toBeUndefined()
})

it('tells no time that is none', () => {
  for (const exposedAt of [1e300, -9e15, null, 'noon'])
    expect(fieldsOf(JSON.stringify({ ...sampleExposure(), exposedAt }))).toMatchObject({ time: undefined })
})
