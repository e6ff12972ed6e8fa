import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sayAmount, sayShare } from './words.ts'

it('says four digits, and no zeros that say nothing', () => {
  const said = [0, -0, 1, 100, 1_234, 123_456, 0.5, 99.999, -12.345, 2.5e-7].map((value) =>
    sayAmount(value, { type: 'mean' }),
  )
  expect(said).toEqual(['0', '0', '1', '100', '1234', '123500', '0.5', '100', '-12.35', '2.5e-7'])
  expect(sayShare(0.95)).toBe('95 %')
  expect(sayAmount(-0.01, { type: 'proportion' })).toBe('-1 point')
  expect(sayAmount(1_600, { type: 'mean', unit: 'ms' })).toBe('1.6 s')
})

it('says a number as it would be read back', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(sayAmount(value, { type: 'mean' })).toBe(`${Number(value.toPrecision(4))}`)
    }),
  )
})
