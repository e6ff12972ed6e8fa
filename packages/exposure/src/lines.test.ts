import { parseLogEvent, parseOutcomeEvent } from '@fairtrial/protocol'
import { exposureId } from '@fairtrial/protocol/exposure-id'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ArmCounts } from './arm-counts.ts'
import { ExposureDetails } from './exposure-details.ts'
import { type Arm, ExposureLines } from './exposure-lines.ts'
import { openLeftOut } from './left-out.ts'
import { LineBuffer } from './line-buffer.ts'
import { producerFields, writeOutcome } from './outcome-line.ts'
import { sampleArm, sampleExposure } from './testing/index.ts'

const name = fc.stringMatching(/^[A-Za-z0-9_.-]{1,40}$/)
const unitId = fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme' })
const time = fc.oneof(fc.nat(), fc.double({ noNaN: true, noDefaultInfinity: true }))
const sequence = fc.oneof(
  fc.integer({ min: 1, max: 1_000 }),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
)
const slate = fc.record({
  slateId: unitId,
  items: fc.array(
    fc.record(
      {
        itemId: unitId,
        position: fc.nat(),
        score: fc.double({ noNaN: true, noDefaultInfinity: true }),
        propensity: fc.double({ min: 1e-300, max: 1, noNaN: true }),
      },
      { requiredKeys: ['itemId', 'position'] },
    ),
    { maxLength: 4 },
  ),
})
const context = fc.record(
  {
    platform: fc.oneof(fc.boolean(), fc.constant(null), fc.constantFrom('web', 'TV "4K"', 'é\u2028')),
    größe: fc.double({ noNaN: true, noDefaultInfinity: true }),
    seats: fc.nat(),
  },
  { requiredKeys: [] },
)
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const arm = fc.record({
  experiment: name,
  unitType: name,
  unitId,
  variant: name,
  bucket: fc.integer({ min: 0, max: 999_999 }),
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  propensity: fc.double({ min: 1e-300, max: 1, noNaN: true }),
  treatmentVersion: fc.option(unitId),
  phase: fc.integer({ min: 1 }),
  revision: fc.nat(),
  assignedAs: fc.option(unitId),
})

function textOf(line: Uint8Array | undefined): string {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(line)
  expect(text.indexOf('\n')).toBe(text.length - 1)
  return text
}

function parse(line: Uint8Array | undefined): unknown {
  return JSON.parse(textOf(line))
}

/** The values of one object in the order in which another has them. */
function inOrderOf(order: object, values: { readonly [field: string]: unknown }): object {
  return Object.fromEntries(Object.keys(order).map((field) => [field, values[field]]))
}

it('writes the exposure that JSON.stringify would, whatever is in it', () => {
  const leftOut = openLeftOut()
  const lines = new ExposureLines(producerFields('p "1"', 'sdk/é'), new ArmCounts())
  const details = new ExposureDetails(
    { context: { schemaVersion: 'v "1"', allow: ['platform', 'größe', 'seats'] }, traceparent: () => TRACE },
    leftOut,
  )
  const options = fc.record({ trigger: name, modelVersion: unitId, slate, context }, { requiredKeys: [] })
  const reason = fc.constantFrom('assigned' as const, 'overridden' as const)
  fc.assert(
    fc.property(
      fc.array(fc.record({ changes: arm, reason, given: options }), { minLength: 1 }),
      time,
      sequence,
      (exposures, at, number) => {
        for (const { changes, reason, given } of exposures) {
          const { assignedAs, ...proper } = changes
          const held = sampleArm({ ...proper, reason, ...(assignedAs !== null && { assignedAs }) })
          const { treatmentVersion, ...rest } = held
          const head = lines.head(held, given.trigger)!
          const text = textOf(head.write(held, at, number, details.write(given, head, held.unitId!)))
          const met = reason === 'overridden' ? `overridden:${held.variant}` : held.variant!
          const expected = {
            schema: 'fairtrial.exposure/1',
            exposureId: exposureId(held.experiment, held.phase, met, held.unitId!, given.trigger),
            ...rest,
            ...(treatmentVersion !== null && { treatmentVersion }),
            exposedAt: at === 0 ? 0 : at,
            armSequence: head.count.numbered + 1,
            producerId: 'p "1"',
            sequence: number,
            sdk: 'sdk/é',
            traceparent: TRACE,
            ...(given.context !== undefined &&
              Object.keys(given.context).length > 0 && {
                context: { schemaVersion: 'v "1"', features: given.context },
              }),
            ...(given.trigger !== undefined && { trigger: given.trigger }),
            ...(given.modelVersion !== undefined && { modelVersion: given.modelVersion }),
            ...(given.slate !== undefined && { slate: given.slate }),
          }
          const event = JSON.parse(text)
          expect(event).toEqual(JSON.parse(JSON.stringify(expected)))
          // The very text, but for the order of the fields.
          expect(text).toBe(`${JSON.stringify(inOrderOf(event, expected))}\n`)
          expect(parseLogEvent(event)).toMatchObject({ ok: true })
        }
      },
    ),
    { seed: 3, numRuns: 200 },
  )
  expect(Object.values(leftOut).every((count) => count === 0)).toBe(true)
})

it('writes no more than before where nothing more is told', () => {
  const lines = new ExposureLines(producerFields('p', 's'), new ArmCounts())
  const arm = sampleArm()
  const details = new ExposureDetails({}, openLeftOut())
  const head = lines.head(arm, undefined)!
  const event = parse(head.write(arm, 1, 1, details.write(undefined, head, arm.unitId!)))
  expect(Object.keys(event as object).toSorted()).toEqual(
    Object.keys({ ...sampleExposure(), armSequence: 1 }).toSorted(),
  )
})

it('writes the outcome that JSON.stringify would', () => {
  const outcome = fc.record(
    {
      name: unitId,
      unitType: name,
      unitId,
      outcomeId: unitId,
      occurredAt: time,
      value: fc.double({ noNaN: true, noDefaultInfinity: true }),
      properties: fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        fc.oneof(fc.string(), fc.boolean(), fc.constant(null)),
      ),
    },
    { requiredKeys: ['name', 'unitType', 'unitId', 'outcomeId', 'occurredAt'] },
  )
  fc.assert(
    fc.property(outcome, sequence, (given, number) => {
      const event = parse(writeOutcome(given, producerFields('p', 's'), number))
      const expected = {
        schema: 'fairtrial.outcome/1',
        value: 1,
        ...given,
        producerId: 'p',
        sdk: 's',
        sequence: number,
      }
      expect(event).toEqual(JSON.parse(JSON.stringify(expected)))
      expect(parseOutcomeEvent(event)).toMatchObject({ ok: true })
    }),
    { seed: 4, numRuns: 300 },
  )
})

it('refuses what would not be an event', () => {
  const lines = new ExposureLines(producerFields('p', 's'), new ArmCounts())
  const write = (held: Arm, at: number) => lines.head(held, undefined)?.write(held, at, 1)
  expect(write(sampleArm(), 0)).toBeDefined()
  expect(write(sampleArm(), Number.NaN)).toBeUndefined()
  for (const trigger of ['', 'has seen it', 'é', 'a'.repeat(129), 7, null]) {
    expect(lines.head(sampleArm(), trigger as never)).toBeUndefined()
  }
  for (const changes of [
    { unitId: '' },
    { unitId: null },
    { bucket: null },
    { propensity: null },
    { seed: Number.NaN },
  ]) {
    expect(write(sampleArm(changes), 0)).toBeUndefined()
  }
  const outcome = { outcomeId: 'o', name: 'started', unitType: 'viewer', unitId: 'v', occurredAt: 0 }
  expect(writeOutcome(outcome, producerFields('p', 's'), 1)).toBeDefined()
  for (const changes of [
    { name: '' },
    { unitId: '' },
    { value: Number.NaN },
    { occurredAt: Number.POSITIVE_INFINITY },
  ]) {
    expect(writeOutcome({ ...outcome, ...changes }, producerFields('p', 's'), 1)).toBeUndefined()
  }
})

it('keeps heads for a bounded number of revisions and definitions, and still writes right', () => {
  const lines = new ExposureLines(producerFields('p', 's'), new ArmCounts())
  for (let i = 1; i < 5_000; i++) {
    const held = sampleArm({ revision: i, fingerprint: `f${i % 2_500}` })
    expect(parse(lines.head(held, undefined)!.write(held, 0, i))).toMatchObject({
      revision: i,
      fingerprint: `f${i % 2_500}`,
      sequence: i,
    })
  }
})

it('writes integers digit by digit', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.nat(), fc.maxSafeInteger(), fc.constantFrom(0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31)),
      (value) => {
        const line = new LineBuffer('')
        line.integer(value)
        expect(new TextDecoder().decode(line.view())).toBe(`${value}`)
      },
    ),
    { seed: 5 },
  )
})
