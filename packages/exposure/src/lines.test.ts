import { parseExposureEvent, parseOutcomeEvent } from '@fairtrial/protocol'
import { exposureId } from '@fairtrial/protocol/exposure-id'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ExposureLines } from './exposure-lines.ts'
import { LineBuffer } from './line-buffer.ts'
import { producerFields, writeOutcome } from './outcome-line.ts'
import { sampleArm } from './testing/index.ts'

const name = fc.stringMatching(/^[A-Za-z0-9_.-]{1,40}$/)
const unitId = fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme' })
const time = fc.oneof(fc.nat(), fc.double({ noNaN: true, noDefaultInfinity: true }))
const sequence = fc.oneof(
  fc.integer({ min: 1, max: 1_000 }),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
)
const slate = fc.record({
  slateId: unitId,
  items: fc.array(fc.record({ itemId: unitId, position: fc.nat() }), { maxLength: 4 }),
})
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
})

function parse(line: Uint8Array | undefined): unknown {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(line)
  expect(text.indexOf('\n')).toBe(text.length - 1)
  return JSON.parse(text)
}

it('writes the exposure that JSON.stringify would, whatever is in it', () => {
  const lines = new ExposureLines(producerFields('p "1"', 'sdk/é'))
  fc.assert(
    fc.property(
      fc.array(arm, { minLength: 1 }),
      time,
      sequence,
      fc.option(slate, { nil: undefined }),
      (arms, at, number, shown) => {
        for (const changes of arms) {
          const held = sampleArm(changes)
          const { treatmentVersion, ...rest } = held
          const event = parse(lines.write(held, at, number, shown))
          expect(event).toEqual({
            schema: 'fairtrial.exposure/1',
            exposureId: exposureId(changes.experiment, changes.phase, changes.variant, changes.unitId),
            ...rest,
            ...(treatmentVersion !== null && { treatmentVersion }),
            exposedAt: at === 0 ? 0 : at,
            producerId: 'p "1"',
            sequence: number,
            sdk: 'sdk/é',
            ...(shown !== undefined && { slate: shown }),
          })
          expect(parseExposureEvent(event)).toMatchObject({ ok: true })
        }
      },
    ),
    { seed: 3, numRuns: 200 },
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
  const lines = new ExposureLines(producerFields('p', 's'))
  expect(lines.write(sampleArm(), Number.NaN, 1)).toBeUndefined()
  for (const changes of [
    { unitId: '' },
    { unitId: null },
    { bucket: null },
    { propensity: null },
    { seed: Number.NaN },
  ]) {
    expect(lines.write(sampleArm(changes), 0, 1)).toBeUndefined()
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
  const lines = new ExposureLines(producerFields('p', 's'))
  for (let i = 1; i < 5_000; i++) {
    const held = sampleArm({ revision: i, fingerprint: `f${i % 2_500}` })
    expect(parse(lines.write(held, 0, i))).toMatchObject({
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
