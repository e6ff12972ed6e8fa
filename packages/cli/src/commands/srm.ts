import { sampleRatioTest } from '@fairtrial/sequential'
import { isEstimable, sampleRatioChiSquare } from '@fairtrial/statistics'
import { type ArmNumbers, type ObservedArm, pairArms } from '../arm-numbers.ts'
import { answer, type Console } from '../console.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { sampleRatioText } from '../text/sample-ratio-text.ts'

export interface SrmOptions {
  /** Cumulative: all units so far, each once. */
  readonly observed: ArmNumbers
  readonly weights: ArmNumbers
  /** Test for any number of looks. */
  readonly sequential?: boolean
  /** The error to allow: of one look, or of all together. */
  readonly alpha: number
  /** Of the sequential test: the strength of its prior, in units. */
  readonly concentration: number
  readonly json?: boolean
}

/** Whether units fell on the arms as the weights say. Its statistics have the names that they have in an audit. */
export interface SampleRatioDocument {
  readonly schema: 'fairtrial.sample-ratio/1'
  /** `unknown` without any unit. */
  readonly verdict: 'ok' | 'mismatch' | 'unknown'
  readonly alpha: number
  readonly units: number
  readonly arms: readonly (ObservedArm & { readonly expected: number; readonly deviation: number })[]
  /** For a single look. Null without any unit. */
  readonly fixed: {
    readonly chiSquare: number
    readonly degreesOfFreedom: number
    readonly pValue: number
    /** ln p, also where p is too small for a double. */
    readonly logP: number
  } | null
  /** For any number of looks; where it was asked for, it is what the verdict goes by. */
  readonly sequential?: {
    readonly concentration: number
    readonly logBayesFactor: number
    readonly anytimePValue: number
    readonly logP: number
  }
}

/** `fairtrial srm`: tests counts against weights, for one look or for any number of looks. */
export function srm(console: Console, options: SrmOptions): ExitCode {
  const document = testSampleRatio(options)
  answer(console, options, document, () => sampleRatioText(document))
  const { verdict } = document
  if (verdict === 'unknown') return exitCodes.inconclusive
  return verdict === 'ok' ? exitCodes.ok : exitCodes.dataQuality
}

function testSampleRatio(options: SrmOptions): SampleRatioDocument {
  const { alpha, concentration } = options
  const arms = pairArms(options.observed, options.weights)
  const counts = arms.map(({ observed }) => observed)
  const weights = arms.map(({ weight }) => weight)
  const units = counts.reduce((sum, count) => sum + count, 0)
  const weight = weights.reduce((sum, each) => sum + each, 0)
  const fixed = sampleRatioChiSquare(counts, weights)
  const anytime = sampleRatioTest([{ counts, weights }], { concentration })
  const base = {
    schema: 'fairtrial.sample-ratio/1',
    alpha,
    units,
    arms: arms.map((arm) => {
      const expected = units * (arm.weight / weight)
      return { ...arm, expected, deviation: units === 0 ? 0 : (arm.observed - expected) / expected }
    }),
  } as const
  if (!isEstimable(fixed) || !isEstimable(anytime)) return { ...base, verdict: 'unknown', fixed: null }
  const deciding = options.sequential ? anytime : fixed
  const { chiSquare, degreesOfFreedom, logP } = fixed
  return {
    ...base,
    verdict: deciding.logP < Math.log(alpha) ? 'mismatch' : 'ok',
    fixed: { chiSquare, degreesOfFreedom, pValue: smallest(fixed.pValue), logP },
    ...(options.sequential && {
      sequential: {
        concentration,
        logBayesFactor: anytime.logBayesFactor,
        anytimePValue: smallest(anytime.pValue),
        logP: anytime.logP,
      },
    }),
  }
}

/** No p is 0: below the doubles stands the smallest of them, and `logP` tells the rest. */
function smallest(p: number): number {
  return Math.max(Number.MIN_VALUE, p)
}
