export type { AnalysisPlan, SealedAnalysisPlan } from './analysis.ts'
export type {
  Assignment,
  AssignmentReason,
  ExplainedAssignment,
  ExplainedStep,
  Unit,
} from './assignment.ts'
export { BUCKETS } from './buckets.ts'
export type { AuditReport, Finding, FindingCode, FindingSeverity, SampleRatioCheck } from './audit.ts'
export { defineExperiment, parseDefinition } from './define.ts'
export type { Decision, DecisionAction, DecisionRule, TransitionEvent } from './decision.ts'
export { durationMs } from './duration.ts'
export type { Duration } from './duration.ts'
export type { Condition } from './eligibility.ts'
export { ExperimentError } from './error.ts'
export type { ExperimentErrorCode, Problem } from './error.ts'
export type {
  ArmEvaluation,
  Bounds,
  Comparison,
  Estimate,
  Evaluation,
  FixedLook,
  GuardrailEvaluation,
  Interval,
  MetricEvaluation,
  NotEstimable,
} from './evaluation.ts'
export type {
  AssignmentEvent,
  ExposureEvent,
  LogEvent,
  OutcomeEvent,
  Produced,
  ServedCount,
  ServedExperiment,
  ServedReport,
  Slate,
  SlateItem,
} from './events.ts'
export type {
  Cluster,
  Costs,
  Experiment,
  ExperimentDefinition,
  ExternalEvent,
  Holdout,
  Hypothesis,
  LayerSlot,
  Variant,
} from './experiment.ts'
export { exposureId } from './exposure-id.ts'
export { canonicalJson } from './canonical-json.ts'
export { fingerprint } from './fingerprint.ts'
export type { EvidenceContract, Guardrail, GuardrailAction, HardLimit, SealedGuardrail } from './guardrail.ts'
export type { JsonObject, JsonScalar, JsonValue } from './json.ts'
export type {
  Baseline,
  Direction,
  EffectSize,
  MetricDefinition,
  MetricRole,
  MetricType,
  SealedMetric,
} from './metric.ts'
export type { Ramp, Stage } from './ramp.ts'
export type { RolloutState, RolloutStatus, Snapshot } from './state.ts'
export type { MetricSummary, Moments, SummaryCounts, TrialSummary } from './summary.ts'
