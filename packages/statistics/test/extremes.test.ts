import { expect, it } from 'vitest'
import {
  chiSquareCdf,
  chiSquareLogSf,
  chiSquareSf,
  logBeta,
  logGamma,
  normalLogSf,
  normalQuantile,
  normalSf,
  studentTLogSf,
  studentTSf,
} from '../src/index.ts'
import reference from './reference/extremes.json' with { type: 'json' }

// Degrees of freedom from 0.3 to 1e14, tails to 1e-300, arguments to 1e300.
const cases = reference.cases as [name: string, args: number[], value: number][]

const functions: Record<string, (...args: number[]) => number> = {
  chiSquareCdf,
  chiSquareLogSf,
  chiSquareSf,
  logBeta,
  logGamma,
  normalLogSf,
  normalQuantile,
  normalSf,
  studentTLogSf,
  studentTSf,
}

for (const name of Object.keys(functions)) {
  it(`${name} has a relative error of at most 1e-12, in the tails too`, () => {
    const f = functions[name]!
    const errors = cases
      .filter(([each]) => each === name)
      .map(([, args, value]) => ({ args, error: Math.abs(f(...args) - value) / Math.abs(value) }))
    expect(errors.filter(({ error }) => !(error <= 1e-12))).toEqual([])
  })
}
