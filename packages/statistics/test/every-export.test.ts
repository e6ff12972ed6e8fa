import { describe, expect, it } from 'vitest'
import * as statistics from '../src/index.ts'

const {
  addPair,
  emptyCrossMoments,
  estimatedMean,
  estimatedRatio,
  isEstimable,
  jointMomentsOf,
  momentsOf,
  quantileInterval,
  sketchOf,
} = statistics

/** What may come in where a sample of numbers is expected. */
const samples = {
  fine: [1, 2, 4, 7, 3, 9],
  nan: [1, Number.NaN, 3],
  infinite: [1, Number.POSITIVE_INFINITY, 3],
  empty: [],
  single: [5],
  constant: [4, 4, 4, 4],
  huge: [1e308, -1e308, 1.7e308, -1.7e308],
  tiny: [5e-324, 0, 1e-323, 5e-324],
} satisfies Record<string, number[]>
type Kind = keyof typeof samples

/** The same as so many successes of so many units. */
const counts: Record<Kind, { successes: number; n: number }> = {
  fine: { successes: 3, n: 9 },
  nan: { successes: Number.NaN, n: 9 },
  infinite: { successes: 3, n: Number.POSITIVE_INFINITY },
  empty: { successes: 0, n: 0 },
  single: { successes: 1, n: 1 },
  constant: { successes: 5, n: 5 },
  huge: { successes: 1e307, n: 1e308 },
  tiny: { successes: 0, n: 1 },
}

const random = () => 0.37
const pairs = (values: readonly number[]) =>
  values.reduce((moments, y, i) => addPair(moments, (i % 3) + 1, y), emptyCrossMoments)
const rows = (values: readonly number[]) =>
  jointMomentsOf(
    values.map((value, i) => [value, (i * i) % 5]),
    2,
  )
const units = (a: readonly number[], b: readonly number[]) =>
  [a, b].flatMap((values, arm) =>
    values.map((value, i) => ({ value, isTreated: arm === 1, cluster: `${arm} ${i}` })),
  )
/** An arm's mean with its variance, or those that a caller would have who did not look. */
const meanOf = (values: readonly number[]) => {
  const mean = estimatedMean(momentsOf(values), 'the arm')
  return isEstimable(mean)
    ? mean
    : { mean: values[0] ?? Number.NaN, variance: values.length > 2 ? 0 : Number.NaN }
}
const effectOf = (a: readonly number[], b: readonly number[]) => {
  const [control, treatment] = [meanOf(a), meanOf(b)]
  return {
    estimate: treatment.mean - control.mean,
    standardError: Math.sqrt(control.variance + treatment.variance),
  }
}
/** Each value twenty times, sorted. */
const twenty = (values: readonly number[]) =>
  Float64Array.from({ length: values.length * 20 }, (_, i) => values[i % values.length]!).sort()
const bounded = (values: readonly number[]) => {
  const many = twenty(values)
  const interval = quantileInterval(many, 0.5)
  return isEstimable(interval)
    ? interval
    : { n: many.length, p: 0.5, level: 0.95, quantile: Number.NaN, lower: Number.NaN, upper: Number.NaN }
}
const sums = (values: readonly number[]) => ({
  n: values.length,
  sum: values.reduce((total, each) => total + each, 0),
  sumSquares: values.reduce((total, each) => total + each * each, 0),
})

const binsOf = (values: readonly number[]) => [values[0] ?? 0, values[1] ?? 1].map(Math.abs)

/** An estimator as a function of two samples, and the samples of which it has an answer though most have none. */
interface Estimator {
  readonly of: (control: Kind, treatment: Kind) => unknown
  readonly answers?: readonly Kind[]
}
const fromSamples = (
  of: (control: readonly number[], treatment: readonly number[]) => unknown,
  answers: readonly Kind[] = [],
): Estimator => ({ of: (control, treatment) => of(samples[control], samples[treatment]), answers })
const fromCounts = (
  of: (control: { successes: number; n: number }, treatment: { successes: number; n: number }) => unknown,
  answers: readonly Kind[] = [],
): Estimator => ({ of: (control, treatment) => of(counts[control], counts[treatment]), answers })

const s = statistics
const estimators: Record<string, Estimator> = {
  betaBinomialModel: fromCounts(s.betaBinomialModel, ['empty', 'single', 'constant']),
  binnedDrift: fromSamples((a, b) => s.binnedDrift(binsOf(a), binsOf(b)), ['empty', 'single', 'constant']),
  bootstrap: fromSamples((a, b) =>
    s.bootstrap(a, b, (c, t) => momentsOf(t).mean - momentsOf(c).mean, { random: seeded(), resamples: 50 }),
  ),
  clopperPearson: fromCounts((a) => s.clopperPearson(a), ['single', 'constant']),
  clusteredDifference: fromSamples((a, b) => s.clusteredDifference(units(a, b))),
  covarianceOf: fromSamples((a) =>
    s.covarianceOf(a.reduce((moments, x, i) => addPair(moments, x, i), emptyCrossMoments)),
  ),
  covariateBalance: fromSamples((a, b) => {
    const [balance] = s.covariateBalance([{ name: 'age', control: momentsOf(a), treatment: momentsOf(b) }])
    expect('notEstimable' in balance!.standardizedDifference).toBe(balance!.adjustedP === undefined)
    return balance!.standardizedDifference
  }),
  cupedDifference: fromSamples((a, b) => s.cupedDifference(rows(a), rows(b))),
  cupedLift: fromSamples((a, b) => s.cupedLift(rows(a), rows(b))),
  deltaLift: fromSamples((a, b) => s.deltaLift(meanOf(a), meanOf(b))),
  differenceOfEstimates: fromSamples((a, b) => s.differenceOfEstimates(meanOf(a), meanOf(b))),
  estimatedClusteredQuantile: fromSamples((a) =>
    s.estimatedClusteredQuantile({ interval: bounded(a), clusters: pairs(a) }),
  ),
  estimatedMean: fromSamples((a) => estimatedMean(momentsOf(a), 'control'), ['constant']),
  estimatedMetric: fromSamples((a) => s.estimatedMetric(rows(a), { numerator: 0 }, 'control'), ['constant']),
  estimatedQuantile: fromSamples((a) => s.estimatedQuantile(bounded(a))),
  estimatedRatio: fromSamples((a) => estimatedRatio(pairs(a), 'control'), ['constant']),
  fiellerLift: fromSamples((a, b) => s.fiellerLift(meanOf(a), meanOf(b))),
  fisherExact: fromCounts(s.fisherExact),
  hypothesisPValues: fromSamples((a, b) =>
    s.hypothesisPValues(effectOf(a, b), { better: 'higher', margin: 1 }),
  ),
  jackknife: fromSamples((a) => s.jackknife(3, a), ['constant']),
  kolmogorovSmirnov: fromSamples((a, b) => s.kolmogorovSmirnov(a, b), ['single', 'constant']),
  logRatioLift: fromSamples((a, b) => s.logRatioLift(meanOf(a), meanOf(b))),
  mannWhitney: fromSamples((a, b) => s.mannWhitney(a, b)),
  mannWhitneyOfCounts: fromSamples((a, b) =>
    s.mannWhitneyOfCounts(
      a.map((value) => [value, 2]),
      b.map((value) => [value, 2]),
    ),
  ),
  momentsFromSums: fromSamples((a) => s.momentsFromSums(sums(a)), ['empty', 'single', 'constant']),
  normalModel: fromSamples((a, b) => s.normalModel(effectOf(a, b))),
  permutationTest: fromSamples(
    (a, b) => s.permutationTest(a, b, { random, permutations: 19 }),
    ['single', 'constant'],
  ),
  projectedPower: fromSamples((a, b) =>
    s.projectedPower({ ...effectOf(a, b), difference: 1, units: a.length + b.length }),
  ),
  quantileInterval: fromSamples((a) => quantileInterval(twenty(a), 0.5), ['infinite', 'single', 'constant']),
  ratioDifference: fromSamples((a, b) => s.ratioDifference(pairs(a), pairs(b)), ['constant']),
  ratioLift: fromSamples((a, b) => s.ratioLift(pairs(a), pairs(b)), ['constant']),
  regressionDifference: fromSamples((a, b) => s.regressionDifference(units(a, b))),
  relativeLift: fromSamples((a, b) => s.relativeLift(momentsOf(a), momentsOf(b))),
  sampleQuantile: fromSamples((a) => s.sampleQuantile(a, 0.5), ['single', 'constant']),
  sampleRatioBySegment: fromCounts(
    (a, b) => s.sampleRatioBySegment([{ name: 'web', observed: [a.n, b.n + b.successes] }], [1, 1]).total,
    ['single', 'constant'],
  ),
  sampleRatioChiSquare: fromCounts(
    (a, b) => s.sampleRatioChiSquare([a.n, b.n + b.successes], [1, 1]),
    ['single', 'constant'],
  ),
  sampleVariance: fromSamples((a) => s.sampleVariance(momentsOf(a)), ['constant']),
  sketchQuantile: fromSamples(
    (a) => s.sketchQuantile(sketchOf(a.filter(Number.isFinite)), 0.5),
    ['nan', 'infinite', 'single', 'constant'],
  ),
  stratifiedDifference: fromSamples((a, b) =>
    s.stratifiedDifference([{ control: momentsOf(a), treatment: momentsOf(b) }]),
  ),
  stratifiedLift: fromSamples((a, b) =>
    s.stratifiedLift([{ control: momentsOf(a), treatment: momentsOf(b) }]),
  ),
  twoProportions: fromCounts((a, b) => {
    const test = s.twoProportions(a, b)
    return isEstimable(test) ? test.pooled : test
  }),
  unitsToGo: fromSamples((a, b) =>
    s.unitsToGo({ ...effectOf(a, b), difference: 1, units: a.length + b.length }, 0.8),
  ),
  welch: fromSamples((a, b) => s.welch(momentsOf(a), momentsOf(b))),
  wilson: fromCounts((a) => s.wilson(a), ['single', 'constant']),
}

/** Everything else that is exported, by what it does with a number that is none. A new export belongs in a list. */
const others = {
  /** NaN outside the domain: distributions, special functions, and sizes of effects. */
  numbers: `betaCdf betaLogCdf betaLogSf betaQuantile betaSf binomialCdf binomialLogCdf binomialLogPmf binomialLogSf
    binomialPmf binomialQuantile binomialSf cancellationFactor chiSquareCdf chiSquareLogSf chiSquareQuantile chiSquareSf
    cohenH designEffect deviance fCdf fLogSf fQuantile fSf gammaCdf gammaLogCdf gammaLogSf gammaQuantile gammaSf
    gaussLegendre incompleteBeta incompleteGamma kolmogorovCdf kolmogorovLogSf kolmogorovQuantile kolmogorovSf logBeta
    logGamma noncentralTSf normalCdf normalLogCdf normalLogSf normalLoss normalPdf normalQuantile normalSf poissonCdf
    poissonLogCdf poissonLogPmf poissonLogSf poissonPmf poissonQuantile poissonSf ratioVariance satterthwaite stirlingError
    studentTCdf studentTLogSf studentTQuantile studentTSf`,
  /** Sums, which carry what they were given on to an estimator. */
  folds: `accumulate accumulatedMoments addPair addValue completeCovariates createAccumulator emptyCrossMoments
    emptyJointMoments emptyMoments jointMomentsOf mergeCrossMoments mergeJointMoments mergeMoments mergeSketches momentsOf
    sketchCount sketchOf sketchRank sketchValueAt`,
  /** Plans and rules, which throw. */
  plans: `adjustFamilies adjustFamily adjustPValues concludeFrom meanDetectableDifference meanPower meanPowerCurve
    meanSampleSize proportionDetectableDifference proportionPower proportionPowerCurve proportionSampleSize`,
  /** Days are refused in their own tests; the two words of the answer itself. */
  apart: 'durationInDays isEstimable notEstimable',
}

function seeded() {
  let state = 1
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

/** Numbers that nobody may read: NaN, an infinity that is no degrees of freedom, a p of 0 that is not told by its logarithm. */
function unreadable(value: unknown, path: string): string[] {
  if (typeof value === 'number') {
    if (/(degreesOfFreedom|logP)$/.test(path)) return Number.isNaN(value) ? [path] : []
    const isP = /(pValue|pGreater|pLess|adjustedP)$/.test(path)
    return Number.isFinite(value) && !(isP && (value < 0 || value > 1)) ? [] : [`${path} = ${value}`]
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => unreadable(each, `${path}.${key}`))
}

const functions = Object.keys(statistics)
const hopeless: readonly Kind[] = ['nan', 'infinite', 'empty', 'single', 'constant']

describe('every estimator', () => {
  it('is known to this table, and every other export to a list', () => {
    const listed = Object.values(others).flatMap((names) => names.split(/\s+/))
    expect([...Object.keys(estimators), ...listed].toSorted()).toEqual(functions.toSorted())
  })

  for (const [name, { of, answers = [] }] of Object.entries(estimators)) {
    it(`${name} answers for a sample, and says why not where there is no answer`, () => {
      expect(of('fine', 'fine')).not.toHaveProperty('notEstimable')
      for (const kind of hopeless) {
        const answer = of(kind, kind) as object
        if (answers.includes(kind)) expect(unreadable(answer, kind)).toEqual([])
        else
          expect([kind, answer]).toMatchObject([
            kind,
            { notEstimable: { code: expect.stringMatching(/^[a-z-]+$/) } },
          ])
      }
    })

    it(`${name} gives no number that is none, whatever the two samples are`, () => {
      for (const a of Object.keys(samples) as Kind[]) {
        for (const b of Object.keys(samples) as Kind[]) expect(unreadable(of(a, b), `${a}, ${b}`)).toEqual([])
      }
    })
  }
})
