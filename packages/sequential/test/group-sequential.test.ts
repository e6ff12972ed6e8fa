import { normalSf } from '@fairtrial/statistics'
import { expect, it } from 'vitest'
import {
  type BoundaryRule,
  conditionalPower,
  driftForPower,
  exitProbabilities,
  futilityBoundaries,
  groupSequentialBoundaries,
  inflationFactor,
  repeatedIntervals,
  repeatedPValues,
  type SpendingFunction,
  sequentialPValue,
  stagewiseInference,
} from '../src/index.ts'
import reference from './reference/group-sequential.json' with { type: 'json' }

function spendingOf(name: string, parameter: number): SpendingFunction {
  switch (name) {
    case 'LanDeMetsOBF':
      return { type: 'lan-demets-obrien-fleming' }
    case 'LanDeMetsPocock':
      return { type: 'lan-demets-pocock' }
    case 'KimDeMets':
      return { type: 'kim-demets', power: parameter }
    case 'HwangShihDeCani':
      return { type: 'hwang-shih-decani', gamma: parameter }
    default:
      throw new Error(`the reference has a new spending function: ${name}`)
  }
}

function ruleOf({ design, spending, parameter, delta }: any): BoundaryRule {
  if (design === 'OF') return { type: 'obrien-fleming' }
  if (design === 'Pocock') return { type: 'pocock' }
  return design === 'WangTsiatis'
    ? { type: 'wang-tsiatis', delta }
    : spendingOf(spending ?? design, parameter)
}

const equalFractions = (looks: number) => Array.from({ length: looks }, (_, i) => (i + 1) / looks)

/** A design by its bounds, its spending, and its price at 80 % and 90 % power. */
function describeDesign(input: any) {
  const { informationFractions, sides, alpha } = input
  const boundaries = groupSequentialBoundaries({ informationFractions, sides, alpha, rule: ruleOf(input) })
  const { upper, nominalP, cumulativeAlpha } = boundaries
  const drift80 = driftForPower(boundaries, 0.8)
  const inflation80 = inflationFactor(boundaries, 0.8)
  const informationRatio = (drift: number) =>
    inflation80 * exitProbabilities(boundaries, drift).expectedInformation
  return {
    upper,
    constant: upper.at(-1),
    nominalOneSidedP: nominalP,
    cumulativeAlpha,
    cumulativeAlphaSpent: cumulativeAlpha,
    drift80,
    drift90: driftForPower(boundaries, 0.9),
    inflation80,
    inflation90: inflationFactor(boundaries, 0.9),
    expectedInformationRatioH0_80: informationRatio(0),
    expectedInformationRatioH1_80: informationRatio(drift80),
  }
}

const methods: Record<string, (input: any) => unknown> = {
  'gs-classical': describeDesign,
  'gs-spending': describeDesign,
  'gs-classical-table': ({ looks, ...design }) => ({
    constant: looks.map(
      (each: number) => describeDesign({ ...design, informationFractions: equalFractions(each) }).constant,
    ),
  }),
  'gs-inflation-table': ({ looks, power, sides, alpha, ...design }) => ({
    inflation: looks.map((each: number) => {
      const informationFractions = equalFractions(each)
      const rule = ruleOf(design)
      return inflationFactor(groupSequentialBoundaries({ informationFractions, sides, alpha, rule }), power)
    }),
  }),
  'gs-exit-probabilities': ({ informationFractions, upper, sides, drift }) => {
    const lower = upper.map((bound: number | null) => (bound === null ? null : -bound))
    const bounds = { informationFractions, upper, ...(sides === 2 && { lower }) }
    const exits = exitProbabilities(bounds, drift)
    const { power, expectedInformation: expectedInformationFraction } = exits
    return { crossUpper: exits.upper, crossLower: exits.lower, power, expectedInformationFraction }
  },
  'gs-futility': (input) => {
    const { informationFractions, alpha, beta, binding: isBinding } = input
    const alphaSpending = spendingOf(input.alphaSpending, input.alphaParameter)
    const betaSpending = spendingOf(input.betaSpending, input.betaParameter)
    const boundaries = futilityBoundaries({
      informationFractions,
      alphaSpending,
      betaSpending,
      alpha,
      beta,
      isBinding,
    })
    const { upper, lower: futility, drift, inflation } = boundaries
    const underNull = exitProbabilities(boundaries, 0)
    const underDrift = exitProbabilities(boundaries, drift)
    return {
      upper,
      futility,
      drift,
      inflation,
      crossUpperH0: underNull.upper,
      crossLowerH0: underNull.lower,
      crossUpperH1: underDrift.upper,
      crossLowerH1: underDrift.lower,
      expectedInformationRatioH0: inflation * underNull.expectedInformation,
      expectedInformationRatioH1: inflation * underDrift.expectedInformation,
    }
  },
  'gs-final-inference': (input) => {
    const { informationFractions, sides, alpha, stopLook: look, zPath, effectPath } = input
    const rule = ruleOf(input)
    const plan = { informationFractions, sides, rule }
    const boundaries = groupSequentialBoundaries({ ...plan, alpha })
    const looks = effectPath.map((estimate: number, i: number) => ({
      estimate,
      standardError: estimate / zPath[i],
    }))
    const level = 1 - 2 * alpha
    const { pValue, interval, medianUnbiased } = stagewiseInference(
      boundaries,
      { look, ...looks.at(-1) },
      { level },
    )
    const repeated = repeatedIntervals(boundaries, looks)
    return {
      stagewiseP: pValue,
      ciLower: interval.lower,
      ciUpper: interval.upper,
      medianUnbiased,
      repeatedCiLower: repeated.map(({ lower }) => lower),
      repeatedCiUpper: repeated.map(({ upper }) => upper),
      repeatedP: repeatedPValues(plan, zPath),
    }
  },
  'gs-final-inference-drift': ({ informationFractions, upper, alpha, stopLook: look, z }) => {
    // The effect scale of this reference is the mean of Z at the stop, so that its standard error is 1.
    const stop = { look, estimate: z, standardError: 1 }
    const { pValue, interval } = stagewiseInference({ informationFractions, upper }, stop, {
      level: 1 - 2 * alpha,
    })
    const { lower: ciLower, upper: ciUpper } = interval
    return { stagewiseP: pValue, driftScaleAtStop: { ciLower, ciUpper } }
  },
  'gs-conditional-power': ({ informationFractions, upper, look, z, designDrift }) => {
    const bounds = { informationFractions, upper }
    return {
      atObservedTrend: conditionalPower(bounds, { look, z }),
      atNull: conditionalPower(bounds, { look, z }, 0),
      atDesign: conditionalPower(bounds, { look, z }, designDrift),
    }
  },
  'gs-sequential-p': (input) => {
    const { informationFractions, sides, z } = input
    return { sequentialP: sequentialPValue({ informationFractions, sides, rule: ruleOf(input) }, z) }
  },
}

interface Tolerance {
  readonly abs?: number
  readonly rel?: number
  readonly orNominalPAbs?: number
}

const isBounds = (key: string) => ['upper', 'futility', 'constant'].includes(key)
const isProbability = (key: string) => /^cross|alpha|nominal/i.test(key)

/** Futility cases name none for probabilities; where bounds may be off by 2e-5, so may what crosses them. */
function toleranceOf(tol: any, key: string): Tolerance {
  if (tol.bounds === undefined) return tol
  if (isBounds(key)) return tol.bounds
  return isProbability(key) ? (tol.probability ?? { abs: tol.bounds.abs }) : tol.scalar
}

/** A bound that is null is one that nobody crosses: it agrees with another when their one-sided tails do. */
function isNear(actual: number | null, expected: number | null, tolerance: Tolerance, key: string): boolean {
  const { abs = 0, rel = 0, orNominalPAbs = 0 } = tolerance
  if (isBounds(key)) {
    const tail = (bound: number | null) => (bound === null ? 0 : normalSf(bound))
    if (Math.abs(tail(actual) - tail(expected)) <= orNominalPAbs) return true
  }
  if (actual === null || expected === null) return (actual ?? 0) === (expected ?? 0)
  const error = Math.abs(actual - expected)
  return error <= abs || error <= rel * Math.abs(expected)
}

function disagreements(tol: any, key: string, actual: any, expected: any): string[] {
  if (typeof expected !== 'object' || expected === null) {
    return isNear(actual, expected, toleranceOf(tol, key), key) ? [] : [`${key}: ${actual}, not ${expected}`]
  }
  return Object.entries(expected).flatMap(([name, value]) =>
    disagreements(tol, Array.isArray(expected) ? key : name, actual?.[name], value),
  )
}

for (const { id, method, input, expected, tol } of reference.cases as any[]) {
  it(`${id} agrees with ${method}`, () => {
    expect(disagreements(tol, '', methods[method]!(input), expected)).toEqual([])
  })
}

it('has a bound at 8.41 where gs-classical-029 has none: its own definition, the constant over √t, says so', () => {
  const design = { informationFractions: equalFractions(10), sides: 2, alpha: 0.01 } as const
  const { upper } = groupSequentialBoundaries({ ...design, rule: { type: 'obrien-fleming' } })
  expect(upper[0]).toBeCloseTo(2.65990189503747 / Math.sqrt(0.1), 6)
})

it('spends alpha where gs-futility-015 spends 7e-7 more: the sum of its own probabilities says so', () => {
  const { input, expected } = (reference.cases as any[]).find(({ id }) => id === 'gs-futility-015')!
  const { crossUpperH0 } = methods['gs-futility']!(input) as { crossUpperH0: number[] }
  const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0)
  expect(sum(crossUpperH0)).toBeCloseTo(0.025, 12)
  expect(sum(expected.crossUpperH0)).toBeCloseTo(0.0250007, 7)
})
