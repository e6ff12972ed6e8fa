export { type MeanPath, meanPath } from './anytime/mean-path.ts'
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
export {
  type PhaseCounts,
  type SampleRatioEvidence,
  sampleRatioLogBayesFactor,
  type SampleRatioOptions,
  sampleRatioTest,
} from './anytime/sample-ratio.ts'
export { exactTuning, explicitTuning, type Tuning, type TuningTarget } from './anytime/tuning.ts'
export { evaluate } from './evaluate.ts'
