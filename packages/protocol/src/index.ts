export type { AnalysisPlan, SealedAnalysisPlan } from './analysis.ts'
export type {
  Assignment,
  AssignmentReason,
  ExplainedAssignment,
  ExplainedStep,
  Unit,
} from './assignment.ts'
export { AuditReport, FINDING_CODES } from './audit.ts'
export type {
  AuditFunnel,
  CovariateBalanceCheck,
  DimensionRatioCheck,
  EffectBias,
  Finding,
  FindingCode,
  FindingSeverity,
  SampleRatioCheck,
  SegmentRatioCheck,
} from './audit.ts'
export { BUCKETS } from './buckets.ts'
export { canonicalJson } from './canonical-json.ts'
export type { CautionCode, MetricCaution } from './caution.ts'
export { defineExperiments, refuseCollisions } from './collisions.ts'
export type {
  AdjustedComparison,
  BayesianReading,
  Comparison,
  GuardrailEvaluation,
  IntervalMethod,
  LookReading,
  PlainEstimate,
  StoppedEstimate,
} from './comparison.ts'
export { compareDefinitions, reseal } from './compare.ts'
export type { DefinitionChange, DefinitionEdit, EditEffect } from './compare.ts'
export { Decision, TransitionEvent } from './decision.ts'
export type { DecisionAction, DecisionRule } from './decision.ts'
export { defineExperiment, parseDefinition } from './define.ts'
export type { Dimension, SealedDimension } from './dimension.ts'
export { durationMs } from './duration.ts'
export type { Duration } from './duration.ts'
export type { Condition } from './eligibility.ts'
export { ExperimentError } from './error.ts'
export type { ExperimentErrorCode, Problem } from './error.ts'
export type { Bounds, Estimate, Interval, NotEstimable } from './estimate.ts'
export { Evaluation } from './evaluation.ts'
export type {
  ArmEvaluation,
  DailyEffect,
  DimensionEvaluation,
  MetricEvaluation,
  SegmentComparison,
} from './evaluation.ts'
export { EvaluationLock } from './evaluation-lock.ts'
export type { LockedInput } from './evaluation-lock.ts'
export { AssignmentEvent, ExposureEvent, OutcomeEvent, ServedReport } from './events.ts'
export type {
  ExposureContext,
  LogEvent,
  ServedCount,
  ServedExperiment,
  Slate,
  SlateItem,
  UnitEvent,
} from './events.ts'
export { ExperimentDefinition } from './experiment.ts'
export type {
  Cluster,
  Costs,
  Experiment,
  ExternalEvent,
  Holdout,
  LayerSlot,
  Variant,
} from './experiment.ts'
export { exposureId } from './exposure-id.ts'
export { fingerprint } from './fingerprint.ts'
export type { FixedLook } from './fixed-look.ts'
export { excludedBy } from './exclusions.ts'
export type { ExclusionRule, Exclusions } from './exclusions.ts'
export type {
  Confirmation,
  EvidenceContract,
  Guardrail,
  GuardrailAction,
  GuardrailClass,
  HardLimit,
  SealedGuardrail,
} from './guardrail.ts'
export type { Hypothesis } from './hypothesis.ts'
export { hypothesisSentence } from './hypothesis-sentence.ts'
export type { CheckAction, InputWatch, SealedInputWatch } from './input-watch.ts'
export type { JsonObject, JsonScalar, JsonValue } from './json.ts'
export { jsonSchema } from './json-schema.ts'
export { lint } from './lint.ts'
export type { LintCode, LintFinding } from './lint.ts'
export { LookLedger } from './look-ledger.ts'
export type { LookKind, LookRecord } from './look-ledger.ts'
export { MEASUREMENT_CLUSTERS } from './measurement-clusters.ts'
export { MeasurementEvent } from './measurement.ts'
export type { MeasuredCluster } from './measurement.ts'
export type {
  Baseline,
  Cap,
  Covariate,
  Denominator,
  Direction,
  EffectSize,
  MetricDefinition,
  MetricRole,
  MetricSource,
  MetricType,
  SealedMetric,
} from './metric.ts'
export { parseServedReport, parseSnapshot, parseState } from './parse-document.ts'
export type { Parsed } from './parse-document.ts'
export { parseExposureEvent, parseLogEvent, parseOutcomeEvent } from './parse-event.ts'
export type { ParsedEvent } from './parse-event.ts'
export type { Produced } from './produced.ts'
export { ProducerReport } from './producer-report.ts'
export type { ProducedArm } from './producer-report.ts'
export type { Bake, Ramp, Stage, StartGate } from './ramp.ts'
export { ContractReport, READINESS_CHECKS, ReadinessReport } from './readiness.ts'
export type { ReadinessCheck, ReadinessCheckName } from './readiness.ts'
export type { RemovedNumbers } from './removed-numbers.ts'
export { isMistimed, setAsideAs } from './set-aside.ts'
export type { SetAside } from './set-aside.ts'
export { RolloutState, Snapshot } from './state.ts'
export type { Approval, GivenReadiness, OpenGate, RolloutStatus } from './state.ts'
export type { AnalysisMethod, BayesianPlan, FutilityPlan, MetricFamily, SpendingRule } from './stopping.ts'
export { TrialSummary } from './summary.ts'
export type {
  DailySummary,
  JointMoments,
  MeasuredSummary,
  MetricSummary,
  MinuteSum,
  Moments,
  QuantileSketch,
  SegmentSummary,
  SummaryCounts,
} from './summary.ts'
