export { type AdjustmentMethod, type AdjustmentOptions, adjustPValues } from './adjusted-p-values.ts'
export { type EstimatedMean, estimatedMean, satterthwaite } from './arm.ts'
export {
  type BalanceOptions,
  type Covariate,
  type CovariateBalance,
  covariateBalance,
} from './balance.ts'
export {
  type EffectPosterior,
  normalLoss,
  normalModel,
  type NormalModelOptions,
  type NormalPosterior,
  type NormalPrior,
  type PracticalChances,
  type PracticalEquivalence,
} from './bayesian-normal.ts'
export {
  betaBinomialModel,
  type BetaBinomialOptions,
  type BetaBinomialPosterior,
  type BetaPrior,
  type RatePosterior,
} from './bayesian-proportions.ts'
export { betaCdf, betaLogCdf, betaLogSf, betaQuantile, betaSf } from './beta.ts'
export {
  binomialCdf,
  binomialLogCdf,
  binomialLogPmf,
  binomialLogSf,
  binomialPmf,
  binomialQuantile,
  binomialSf,
} from './binomial.ts'
export { chiSquareCdf, chiSquareLogSf, chiSquareQuantile, chiSquareSf } from './chi-square.ts'
export {
  addPair,
  type Covariance,
  covarianceOf,
  type CrossMoments,
  emptyCrossMoments,
  mergeCrossMoments,
} from './cross-moments.ts'
export {
  type ClusteredDifference,
  clusteredDifference,
  type ClusteredOptions,
  type ClusteredUnit,
  type ClusterVariance,
} from './clustered.ts'
export {
  concludeFrom,
  type EffectConclusions,
  type EffectHypotheses,
  type HypothesisPValues,
  hypothesisPValues,
} from './conclusion.ts'
export {
  completeCovariates,
  type CupedAdjustment,
  type CupedDifference,
  cupedDifference,
  type CupedLift,
  cupedLift,
  type CupedOptions,
} from './cuped.ts'
export { differenceOfEstimates } from './difference-of-estimates.ts'
export { binnedDrift, type BinnedDrift, type BinnedDriftOptions } from './drift.ts'
export {
  type Estimable,
  isEstimable,
  type NotEstimable,
  type NotEstimableCode,
  notEstimable,
} from './estimable.ts'
export { fCdf, fLogSf, fQuantile, fSf } from './f.ts'
export type { ValueCounts } from './counted-sample.ts'
export { clopperPearson, fisherExact, type FisherTest } from './exact-proportions.ts'
export {
  type AdjustedMember,
  adjustFamilies,
  adjustFamily,
  type FamilyCoverage,
  type FamilyMember,
  type FamilyPlan,
} from './family.ts'
export { gammaCdf, gammaLogCdf, gammaLogSf, gammaQuantile, gammaSf } from './gamma.ts'
export type { Interval, LevelOptions } from './interval.ts'
export { jackknife } from './jackknife.ts'
export {
  emptyJointMoments,
  estimatedMetric,
  type JointMoments,
  jointMomentsOf,
  mergeJointMoments,
  type UnitMetric,
} from './joint-moments.ts'
export { kolmogorovSmirnov, type KolmogorovSmirnovTest } from './kolmogorov-smirnov.ts'
export { kolmogorovCdf, kolmogorovLogSf, kolmogorovQuantile, kolmogorovSf } from './kolmogorov.ts'
export {
  deltaLift,
  type FiellerLift,
  fiellerLift,
  type Lift,
  type LogRatioLift,
  logRatioLift,
  relativeLift,
} from './lift.ts'
export {
  mannWhitney,
  mannWhitneyOfCounts,
  type MannWhitneyTest,
  type RankTest,
} from './mann-whitney.ts'
export {
  accumulate,
  accumulatedMoments,
  addValue,
  createAccumulator,
  emptyMoments,
  mergeMoments,
  type Moments,
  type MomentsAccumulator,
  momentsOf,
  sampleVariance,
} from './moments.ts'
export { normalCdf, normalLogCdf, normalLogSf, normalPdf, normalQuantile, normalSf } from './normal.ts'
export type { SampleSize, TestDesign } from './planning/design.ts'
export { noncentralTSf } from './planning/noncentral-t.ts'
export {
  designEffect,
  meanDetectableDifference,
  meanPower,
  meanPowerCurve,
  meanSampleSize,
  type PlannedDifference,
  type PowerPoint,
  type RatioSpread,
  ratioVariance,
  type UnitSpread,
} from './planning/power-of-means.ts'
export {
  cohenH,
  type PlannedProportions,
  proportionDetectableDifference,
  type ProportionMethod,
  proportionPower,
  proportionPowerCurve,
  type ProportionPowerPoint,
  proportionSampleSize,
} from './planning/power-of-proportions.ts'
export {
  type Arrivals,
  durationInDays,
  type ProjectionOptions,
  projectedPower,
  type Standing,
  unitsToGo,
} from './planning/projected-power.ts'
export {
  poissonCdf,
  poissonLogCdf,
  poissonLogPmf,
  poissonLogSf,
  poissonPmf,
  poissonQuantile,
  poissonSf,
} from './poisson.ts'
export {
  type Proportion,
  twoProportions,
  type TwoProportionTest,
  wilson,
  type WilsonInterval,
  type ZTest,
} from './proportions.ts'
export {
  mergeSketches,
  type QuantileSketch,
  sketchCount,
  type SketchOptions,
  sketchOf,
  sketchQuantile,
  sketchRank,
  sketchValueAt,
} from './quantile-sketch.ts'
export { estimatedRatio, ratioDifference, ratioLift } from './ratio.ts'
export {
  type RegressionDifference,
  regressionDifference,
  type RegressionOptions,
  type RegressionUnit,
  type RobustVariance,
} from './regression.ts'
export {
  bootstrap,
  type BootstrapEstimate,
  type BootstrapOptions,
  type PermutationOptions,
  type PermutationTest,
  permutationTest,
  type RandomSource,
  type TwoSampleStatistic,
} from './resampling.ts'
export {
  type ClusteredQuantile,
  estimatedClusteredQuantile,
  estimatedQuantile,
  type QuantileInterval,
  quantileInterval,
  type QuantileType,
  sampleQuantile,
} from './sample-quantile.ts'
export {
  type SampleRatioByDimension,
  sampleRatioBySegment,
  type SegmentCounts,
  type SegmentRatio,
} from './sample-ratio-segments.ts'
export { sampleRatioChiSquare, type SampleRatioChiSquare } from './sample-ratio.ts'
export { deviance } from './special/deviance.ts'
export { gaussLegendre, type QuadratureRule } from './special/gauss-legendre.ts'
export { incompleteBeta } from './special/incomplete-beta.ts'
export { incompleteGamma, type Tails } from './special/incomplete-gamma.ts'
export { logBeta, logGamma, stirlingError } from './special/log-gamma.ts'
export {
  type StratifiedDifference,
  stratifiedDifference,
  stratifiedLift,
  type StratifiedOptions,
  type Stratum,
  type StratumWeights,
} from './stratified.ts'
export { studentTCdf, studentTLogSf, studentTQuantile, studentTSf } from './student-t.ts'
export { cancellationFactor, momentsFromSums, type Sums } from './sums.ts'
export type { TTest } from './t-test.ts'
export { welch, type WelchTest } from './welch.ts'
