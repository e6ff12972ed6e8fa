import type { AnalysisPlan } from './analysis.ts'
import type { Duration } from './duration.ts'
import type { Condition } from './eligibility.ts'
import type { Guardrail } from './guardrail.ts'
import type { JsonObject } from './json.ts'
import type { Direction, EffectSize, MetricDefinition } from './metric.ts'
import type { Ramp } from './ramp.ts'

/** One sentence that can be false, in its parts. */
export interface Hypothesis<M extends string = string> {
  /** What is changed: "ranking the home row by the session model". */
  readonly change: string
  /** For whom: "signed-in viewers on television". */
  readonly population: string
  /** The primary metric. */
  readonly metric: M
  readonly direction: Direction
  /** The smallest lift worth having. */
  readonly minimumLift: EffectSize
  /** By when, counted from the start of the trial; also the latest end of the rollout. */
  readonly horizon: Duration
}

export interface Variant {
  readonly name: string
  /** A positive integer; arms share units in the ratio of their weights. */
  readonly weight: number
  /** What the service reads when it serves this arm. */
  readonly config?: JsonObject
  /** The text that stands for this arm in data, where it is not the name (`'gate_30'`, `'Civic Duty'`). */
  readonly value?: string
  /** Version of what is served (a model, a build), carried in every exposure. */
  readonly treatmentVersion?: string
}

/** A place in a layer. Trials of one layer hold disjoint slots, so that no unit is in two of them. */
export interface LayerSlot {
  readonly name: string
  /** Slots are half open, in percent of the layer: [fromPercent, toPercent), up to four decimals. */
  readonly fromPercent: number
  readonly toPercent: number
}

/**
 * Units kept out of every trial that names this holdout, decided before layers. Two arms of equal size:
 * `status-quo` keeps control for good, `all-shipped` gets what has shipped; their difference is the cumulative effect.
 */
export interface Holdout {
  readonly name: string
  /** Size of each of the two arms, in percent, at most 50. */
  readonly percent: number
}

/** Units that are assigned together. Named now, analysed by a later method. */
export interface Cluster {
  readonly unitType: string
  /** The attribute that holds the cluster's id. */
  readonly attribute: string
}

/** What errors cost, in one currency. */
export interface Costs {
  readonly currency: string
  readonly badLaunch?: number
  readonly missedGainPerDay?: number
  readonly abort?: number
}

/** Something outside the trial that moves its metrics: a holiday, a launch. Epoch milliseconds. */
export interface ExternalEvent {
  readonly name: string
  readonly from: number
  readonly to: number
}

/** A trial as it is written down. Plain data: JSON, YAML, or a literal given to `defineExperiment`. */
export interface ExperimentDefinition<V extends Variant = Variant, M extends string = string> {
  /** Where editors find the JSON Schema. */
  readonly $schema?: string
  /** Major version of this format. Default 1. */
  readonly schemaVersion?: 1
  /** `[A-Za-z0-9_.-]`, 1 to 128 characters; unique for ever. */
  readonly key: string
  readonly description?: string
  readonly hypothesis: Hypothesis<NoInfer<M>>
  /** What is randomized: `viewer`, `session`, `device`, `account`. */
  readonly unitType: string
  /** In the order in which they lie in bucket space. */
  readonly variants: readonly V[]
  readonly control: NoInfer<V>['name']
  /** What the hash is salted with. Default: the key. */
  readonly salt?: string
  readonly layer?: LayerSlot
  readonly holdout?: Holdout
  readonly eligibility?: Condition
  readonly metrics: { readonly [Name in M]: MetricDefinition }
  readonly guardrails?: readonly Guardrail<NoInfer<M>>[]
  readonly analysis: AnalysisPlan<NoInfer<M>>
  readonly ramp: Ramp
  /**
   * When the lease on the rollout state lapses: withdraw every arm but control (the default), or keep serving.
   * `keep-serving` gives up the bound on how long an abort can take.
   */
  readonly whenStateLapses?: 'serve-control' | 'keep-serving'
  readonly cluster?: Cluster
  readonly costs?: Costs
  readonly externalEvents?: readonly ExternalEvent[]
  /** Keys of trials whose exposed units stay out of this one. */
  readonly excludeExposedTo?: readonly string[]
}

/** A guardrail with every default in place. */
export interface SealedGuardrail<M extends string = string> extends Guardrail<M> {
  readonly evidence: Required<NonNullable<Guardrail['evidence']>>
}

/** An analysis plan with every default in place. */
export interface SealedAnalysisPlan<M extends string = string> extends AnalysisPlan<M> {
  readonly alpha: number
  readonly falseAbortAlpha: number
  readonly crossover: 'exclude' | 'first' | 'as-assigned'
  readonly maximumLateness: Duration
  readonly sampleRatio: { readonly alpha: number; readonly concentration: number }
}

/**
 * A definition that holds: checked, its defaults written out, sealed by its fingerprint.
 * What the seal covers is therefore all that is in force, whatever a later version's defaults are.
 */
export interface Experiment<V extends Variant = Variant, M extends string = string>
  extends Omit<ExperimentDefinition<V, M>, '$schema' | 'guardrails' | 'analysis'> {
  readonly schemaVersion: 1
  readonly salt: string
  readonly guardrails: readonly SealedGuardrail<M>[]
  readonly analysis: SealedAnalysisPlan<M>
  readonly whenStateLapses: 'serve-control' | 'keep-serving'
  /** SHA-256 of the canonical JSON of everything else here: 64 lower-case hex digits. */
  readonly fingerprint: string
}
