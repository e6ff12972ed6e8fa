import { exposureId } from '@fairtrial/protocol/exposure-id'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { exposureIdWriter, isPlain } from './exposure-digest.ts'

function idOf(experiment: string, phase: number, variant: string, unitId: string): string {
  const into = new Uint8Array(30)
  exposureIdWriter(experiment, phase, variant)(unitId, into, 5)
  expect([...into.subarray(0, 5), ...into.subarray(27)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  return new TextDecoder().decode(into.subarray(5, 27))
}

it('gives the exposure id of protocol, for any names and any unit', () => {
  const name = fc.string({ maxLength: 90, unit: 'binary' })
  fc.assert(
    fc.property(
      name,
      fc.nat(),
      name,
      fc.string({ maxLength: 200, unit: 'binary' }),
      (experiment, phase, variant, unitId) => {
        expect(idOf(experiment, phase, variant, unitId)).toBe(exposureId(experiment, phase, variant, unitId))
      },
    ),
    { seed: 1, numRuns: 500 },
  )
})

it('pads right at every length around the block boundaries, and beyond its buffer', () => {
  for (const length of [...Array(200).keys(), 1_190, 1_200, 1_210, 1_280, 5_000]) {
    for (const variant of ['a', 'a'.repeat(50)]) {
      const unitId = 'u'.repeat(length)
      expect(idOf('home-ranking', 12, variant, unitId)).toBe(exposureId('home-ranking', 12, variant, unitId))
    }
  }
})

it('calls plain exactly what JSON leaves as it is, in ASCII', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      if (isPlain(text)) expect(JSON.stringify(text)).toBe(`"${text}"`)
    }),
    { seed: 2 },
  )
  expect(['a b~', '"', '\\', '\n', '\u007f', 'é'].map(isPlain)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
  ])
})
