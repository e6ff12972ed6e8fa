import { type Estimable, isEstimable } from '@fairtrial/statistics'
import { expect, it } from 'vitest'
import {
  anytimeEstimate,
  exactTuning,
  explicitTuning,
  meanPath,
  normalMixtureMultiplier,
  sampleRatioTest,
  stitchedHalfWidth,
} from '../src/index.ts'
import { disagreements, type ReferenceCase } from '../../statistics/test/agreement.ts'
import reference from './reference/anytime.json' with { type: 'json' }

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}

const methods: Record<string, (input: any) => unknown> = {
  'asymptotic-cs-margin': ({ tOpt: tunedAt, alpha, n, sd }) => {
    const exact = exactTuning({ alpha, tunedAt })
    const margin = (each: number) =>
      (normalMixtureMultiplier(each, { ...exact, alpha }) * sd) / Math.sqrt(each)
    return {
      rho2Exact: 1 / exact.rho,
      rho2Approx: 1 / explicitTuning({ alpha, tunedAt }).rho,
      marginExactRho: n.map(margin),
      marginLIL: n.map((each: number) => sd * stitchedHalfWidth(each, alpha)),
    }
  },
  'asymptotic-cs-path': ({ x, tOpt: tunedAt, alpha }) =>
    meanPath(x, { ...exactTuning({ alpha, tunedAt }), alpha }),
  gavi: ({ totalSampleSize: n, standardError, estimate, confidence, nTune: tunedAt }) => {
    const alpha = 1 - confidence
    const { rho } = explicitTuning({ alpha, tunedAt })
    const {
      multiplier,
      interval,
      pValue: p,
    } = known(anytimeEstimate({ estimate, standardError, n }, { rho, alpha }))
    const { lower, upper } = interval
    return { rho, multiplier, halfWidth: (upper - lower) / 2, lower, upper, p }
  },
  ssrm: ({ counts: periods, weights, dirichletConcentration: concentration, cumulative }) => {
    const counts = weights.map(() => 0)
    let previousLogP = 0
    const looks = (periods as number[][]).map((period) => {
      for (const [arm, count] of period.entries()) counts[arm] = cumulative ? count : counts[arm] + count
      const look = known(sampleRatioTest([{ counts, weights }], { concentration, previousLogP }))
      previousLogP = look.logP
      return look
    })
    return {
      logBayesFactor: looks.map((look) => look.logBayesFactor),
      pValue: looks.map((look) => look.pValue),
      posteriorProbability: looks.map((look) => look.posteriorProbability),
    }
  },
}

for (const each of reference.cases as ReferenceCase[]) {
  it(`${each.id} agrees with ${each.method}`, () => {
    expect(disagreements(each, methods[each.method]!(each.input))).toEqual([])
  })
}
