export {
  addBoundedValue,
  anytimeBoundedMean,
  type AnytimeBoundedMean,
  type BoundedMean,
  emptyBoundedMean,
} from './anytime/bounded-mean.ts'
export { empiricalProcessBound, type EmpiricalProcessOptions } from './anytime/empirical-process.ts'
export { type HybridLimits, hybridLimits, type HybridLook, type HybridPlan } from './anytime/hybrid.ts'
export { lyapunovMeanPath, type MeanPath, meanPath } from './anytime/mean-path.ts'
export { msprt, type MsprtEstimate, type MsprtOptions } from './anytime/msprt.ts'
export {
  type AnytimeEstimate,
  anytimeEstimate,
  type Look,
  normalMixtureLogP,
  normalMixtureMultiplier,
  type SequenceOptions,
  type Side,
  stitchedHalfWidth,
} from './anytime/normal-mixture.ts'
export { anytimeProportion, type AnytimeProportion } from './anytime/proportion.ts'
export {
  anytimeAnyQuantile,
  anytimeQuantile,
  type AnytimeQuantile,
  quantileRankExcess,
  type RankExcess,
} from './anytime/quantile-sequence.ts'
export { type QuantileEvidence, quantileTest, type QuantileTestOptions } from './anytime/quantile-test.ts'
export {
  type EventCount,
  type RareEventEvidence,
  type RareEventOptions,
  rareEventTest,
} from './anytime/rare-events.ts'
export {
  adjustedLook,
  anytimeRegression,
  type RegressionLook,
  regressionTuning,
  tMixtureLogP,
  tMixtureMultiplier,
} from './anytime/regression.ts'
export {
  type PhaseCounts,
  type SampleRatioEvidence,
  sampleRatioLogBayesFactor,
  type SampleRatioOptions,
  sampleRatioTest,
} from './anytime/sample-ratio.ts'
export {
  type DoubleStitching,
  doubleStitchingBound,
  type PolynomialStitching,
  polynomialStitchingBound,
  type Stitching,
} from './anytime/stitching.ts'
export { logMixture, mixtureBound, type SumMixture } from './anytime/sum-mixture.ts'
export {
  exactTuning,
  explicitTuning,
  type Tuning,
  type TuningTarget,
  type TwoSidedSequence,
} from './anytime/tuning.ts'
export { evaluate, type EvaluateOptions } from './evaluate.ts'
export { type Boundaries, groupSequentialBoundaries } from './group-sequential/boundaries.ts'
export type { StoppingBounds } from './group-sequential/bounds.ts'
export {
  conditionalPower,
  type DriftPrior,
  predictivePower,
  type Standing,
} from './group-sequential/conditional-power.ts'
export type {
  BoundaryRule,
  ClassicalShape,
  GroupSequentialDesign,
  LookPlan,
} from './group-sequential/design.ts'
export { driftForPower, inflationFactor } from './group-sequential/drift.ts'
export { type ExitProbabilities, exitProbabilities } from './group-sequential/exit-probabilities.ts'
export {
  futilityBoundaries,
  type FutilityBoundaries,
  type FutilityDesign,
} from './group-sequential/futility.ts'
export { type LookEstimate, repeatedIntervals } from './group-sequential/repeated-intervals.ts'
export { repeatedPValues, sequentialPValue } from './group-sequential/sequential-p.ts'
export { type SpendingFunction, spentError } from './group-sequential/spending.ts'
export { type StagewiseInference, stagewiseInference, type Stop } from './group-sequential/stagewise.ts'
export { createRandom, type RandomStream } from './simulation/random.ts'
export { type PathOptions, type SimulatedPaths, simulatePaths } from './simulation/simulate-paths.ts'
