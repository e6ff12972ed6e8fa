import { exposureId } from '@fairtrial/protocol/exposure-id'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { exposureIdWriter, isPlain, shareOfId } from './exposure-digest.ts'

function idOf(experiment: string, phase: number, variant: string, unitId: string, trigger?: string): string {
  const into = new Uint8Array(30)
  exposureIdWriter(experiment, phase, variant, trigger)(unitId, into, 5)
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
      fc.option(name, { nil: undefined }),
      (...parts) => {
        expect(idOf(...parts)).toBe(exposureId(...parts))
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

it('draws a share by the id: uniform, and to be told from the five characters that the id begins with', () => {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const share = (id: string) => shareOfId(new TextEncoder().encode(id), 0)
  expect(share('AAAAA')).toBe(0)
  expect(share('gAAAA')).toBe(0.5)
  expect(share('_____')).toBe(1 - 64 ** -5)
  let below = 0
  for (let i = 0; i < 4_000; i++) {
    const id = exposureId('home-ranking', 1, 'control', `viewer-${i}`)
    const told =
      Array.from(id.slice(0, 5)).reduce((sum, digit) => 64 * sum + digits.indexOf(digit), 0) / 64 ** 5
    expect(share(id)).toBe(told)
    if (told < 0.1) below++
  }
  expect(below).toBeGreaterThan(330)
  expect(below).toBeLessThan(470)
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
