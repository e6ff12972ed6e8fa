import { describe, expect, it } from 'vitest'
import { sayDifference, sayNumber, sayP, sayRelative, saySize, sayValue } from './numbers.ts'

it.each([
  [0.0412345, '0.0412'],
  [-2.75, '−2.75'],
  [1234.5, '1,235'],
  [3047.4, '3,047'],
  [0.0000123, '1.2e−5'],
  [0, '0'],
  [100, '100'],
])('%d is %s', (value, text) => {
  expect(sayNumber(value)).toBe(text)
})

describe('a metric', () => {
  const share = { type: 'proportion' } as const
  const time = { type: 'mean', unit: 'milliseconds' } as const

  it('is told in its own unit, a proportion in percent and its differences in points', () => {
    expect(sayValue(0.4591, share)).toBe('45.9 %')
    expect(sayDifference(0.0886, share)).toBe('+8.86 points')
    expect(sayDifference(-0.5, time)).toBe('−0.5 milliseconds')
    expect(saySize({ absolute: 0.06 }, share)).toBe('6 points')
    expect(saySize({ relative: 0.5 }, time)).toBe('50 % of control')
    expect(sayRelative(0.239)).toBe('+23.9 %')
  })
})

it('never calls a p-value zero', () => {
  expect(sayP(0.00309)).toBe('p = 0.00309')
  expect(sayP(0)).toBe('p < 0.0001')
})
