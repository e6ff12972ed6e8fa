export type { AnalysisPlan } from './analysis.ts'
export type {
  Assignment,
  AssignmentReason,
  ExplainedAssignment,
  ExplainedStep,
  Unit,
} from './assignment.ts'
export { BUCKETS } from './buckets.ts'
export type { AuditReport, Finding, FindingCode, FindingSeverity, SampleRatioCheck } from './audit.ts'
export type { Decision, DecisionAction, DecisionRule, TransitionEvent } from './decision.ts'
export type { Duration } from './duration.ts'
export type { Condition } from './eligibility.ts'
export { ExperimentError } from './error.ts'
export type { ExperimentErrorCode } from './error.ts'
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
  SealedAnalysisPlan,
  SealedGuardrail,
  Variant,
} from './experiment.ts'
export type { EvidenceContract, Guardrail, GuardrailAction, HardLimit } from './guardrail.ts'
export type { JsonObject, JsonScalar, JsonValue } from './json.ts'
export type { Baseline, Direction, EffectSize, MetricDefinition, MetricRole, MetricType } from './metric.ts'
export type { Ramp, Stage } from './ramp.ts'
export type { RolloutState, RolloutStatus, Snapshot } from './state.ts'
export type { MetricSummary, Moments, SummaryCounts, TrialSummary } from './summary.ts'
