import * as z from 'zod'
import { type AnalysisPlan, analysisPlanSchema, type SealedAnalysisPlan } from './analysis.ts'
import { type Dimension, dimensionSchema, type SealedDimension } from './dimension.ts'
import { type Condition, conditionSchema } from './eligibility.ts'
import { FINDING_CODES, type FindingCode } from './audit.ts'
import { type Exclusions, exclusionsSchema } from './exclusions.ts'
import { type Guardrail, guardrailSchema, type SealedGuardrail } from './guardrail.ts'
import { type Hypothesis, hypothesisSchema } from './hypothesis.ts'
import {
  type CheckAction,
  checkActionSchema,
  type InputWatch,
  inputWatchSchema,
  type SealedInputWatch,
} from './input-watch.ts'
import { type JsonObject, jsonObjectSchema } from './json.ts'
import { type MetricDefinition, metricSchema, type SealedMetric } from './metric.ts'
import { nameSchema } from './name.ts'
import { percentSchema } from './percent.ts'
import { type Ramp, rampSchema } from './ramp.ts'

/** One arm of a trial. */
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

/**
 * Units that are assigned together: a household, a city. Standard errors then count clusters, not units. Found in a unit
 * table in the column named `attribute`.
 */
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
  /**
   * Only units that met this trigger are analysed: those that the treatment changes something for. Every arm tells it
   * at the same point of the code, `expose(arm, { trigger })`.
   */
  readonly trigger?: string
  /** Bots, staff, tests: set aside before the analysis, in every arm alike. */
  readonly exclusions?: Exclusions
  readonly metrics: { readonly [Name in M]: MetricDefinition }
  readonly guardrails?: readonly Guardrail<NoInfer<M>>[]
  /**
   * What a broken finding of the audit does. Default `hold`: at most as long as missing evidence may, then it aborts.
   * That there is no data cannot be `warn`: no measurement is no success.
   */
  readonly checks?: { readonly [Code in FindingCode]?: CheckAction }
  /** Context features of exposures whose distribution is watched, by name. */
  readonly inputs?: { readonly [feature: string]: InputWatch }
  readonly analysis: AnalysisPlan<NoInfer<M>>
  readonly ramp: Ramp
  /**
   * When the lease on the rollout state lapses: withdraw every arm but control (the default), or keep serving.
   * `keep-serving` gives up the bound on how long an abort can take.
   */
  readonly whenStateLapses?: 'serve-control' | 'keep-serving'
  readonly cluster?: Cluster
  /** Segments registered in advance, by the dimension's name. */
  readonly dimensions?: { readonly [dimension: string]: Dimension }
  readonly costs?: Costs
  readonly externalEvents?: readonly ExternalEvent[]
  /** Keys of trials whose exposed units stay out of this one. */
  readonly excludeExposedTo?: readonly string[]
}

/**
 * A definition that holds: checked, its defaults written out, frozen, sealed by its fingerprint.
 * What the seal covers is therefore all that is in force, whatever a later version's defaults are.
 */
export interface Experiment<V extends Variant = Variant, M extends string = string>
  extends Omit<
    ExperimentDefinition<V, M>,
    '$schema' | 'metrics' | 'guardrails' | 'analysis' | 'dimensions' | 'inputs'
  > {
  readonly schemaVersion: 1
  readonly salt: string
  readonly metrics: { readonly [Name in M]: SealedMetric }
  readonly guardrails: readonly SealedGuardrail<M>[]
  readonly analysis: SealedAnalysisPlan<M>
  readonly dimensions?: { readonly [dimension: string]: SealedDimension }
  readonly inputs?: { readonly [feature: string]: SealedInputWatch }
  readonly whenStateLapses: 'serve-control' | 'keep-serving'
  /**
   * SHA-256 of the canonical JSON of the design: of everything here but what may change while the trial
   * runs (see `compareDefinitions`). Data of one fingerprint and phase may be read together. 64 hex digits.
   */
  readonly fingerprint: string
}

const textSchema = z.string().regex(/\S/, { error: 'Must not be empty.' })

const variantSchema = z.strictObject({
  name: nameSchema.describe("The arm's name, e.g. 'session-model'."),
  weight: z
    .int()
    .positive()
    .describe('A whole number of 1 or more; arms share units in the ratio of their weights, e.g. 1 and 1.'),
  config: z.exactOptional(jsonObjectSchema).describe('What the service reads when it serves this arm.'),
  value: z
    .exactOptional(z.string())
    .describe('The text that stands for this arm in data, where it is not the name.'),
  treatmentVersion: z.exactOptional(textSchema).describe('Version of what is served: a model, a build.'),
})

const costSchema = z.exactOptional(z.number().nonnegative())

/** Inside: plain, so that its parts can be walked. */
export const definitionSchema = z.strictObject({
  $schema: z.exactOptional(z.string()).describe('Where editors find the JSON Schema.'),
  schemaVersion: z.exactOptional(z.literal(1)).describe('Major version of this format.'),
  key: nameSchema.describe("The trial's name for ever, e.g. 'home-ranking'."),
  description: z.exactOptional(z.string()).describe('For people; not sealed.'),
  hypothesis: hypothesisSchema.describe(
    'One sentence that can be false, in its parts: change, population, metric, direction, minimumLift, horizon.',
  ),
  unitType: nameSchema.describe("What is randomized, e.g. 'viewer', 'session', 'device', 'account'."),
  variants: z.array(variantSchema).min(2).max(100).describe('The arms, 2 to 100, control among them.'),
  control: z.string().describe('The name of the variant that everything is compared with.'),
  salt: z.exactOptional(textSchema).describe('What the hash is salted with. Default: the key.'),
  layer: z
    .exactOptional(
      z.strictObject({
        name: nameSchema.describe("The layer's name."),
        fromPercent: percentSchema
          .min(0)
          .max(100)
          .describe('Where the slot begins, in percent of the layer.'),
        toPercent: percentSchema.min(0).max(100).describe('Where the slot ends, in percent of the layer.'),
      }),
    )
    .describe('A place in a layer: trials of one layer share no unit.'),
  holdout: z
    .exactOptional(
      z.strictObject({
        name: nameSchema.describe("The holdout's name."),
        percent: percentSchema
          .positive()
          .max(50)
          .describe('Size of each of its two arms: above 0, at most 50.'),
      }),
    )
    .describe('Units kept out of every trial that names this holdout.'),
  eligibility: z
    .exactOptional(conditionSchema)
    .describe('Who may enter, decided from attributes that are known before assignment.'),
  trigger: z
    .exactOptional(nameSchema)
    .describe("Only units that met this trigger are analysed, e.g. 'has-session'."),
  exclusions: z
    .exactOptional(exclusionsSchema)
    .describe('Bots, staff, tests: set aside before the analysis, in every arm alike.'),
  metrics: z.record(nameSchema, metricSchema).describe('The metrics by name.'),
  guardrails: z.exactOptional(z.array(guardrailSchema)).describe('What must not get worse.'),
  checks: z
    .exactOptional(z.partialRecord(z.enum(FINDING_CODES), checkActionSchema))
    .describe("What a broken finding of the audit does: 'abort', 'hold' (the default) or 'warn'."),
  inputs: z
    .exactOptional(z.record(nameSchema, inputWatchSchema))
    .describe('Context features of exposures whose distribution is watched, by name.'),
  analysis: analysisPlanSchema.describe('How the trial is read, fixed before its start.'),
  ramp: rampSchema.describe('How many units are enrolled, step by step.'),
  whenStateLapses: z
    .exactOptional(z.enum(['serve-control', 'keep-serving']))
    .describe("What a client does that reaches nobody. Default 'serve-control'."),
  cluster: z
    .exactOptional(
      z.strictObject({
        unitType: nameSchema.describe("The cluster's type of unit, e.g. 'household'."),
        attribute: textSchema.describe("The attribute that holds the cluster's id."),
      }),
    )
    .describe('Units that are assigned together.'),
  dimensions: z
    .exactOptional(z.record(nameSchema, dimensionSchema))
    .describe("Segments registered in advance, by the dimension's name."),
  costs: z
    .exactOptional(
      z.strictObject({
        currency: textSchema.describe("The currency of all costs, e.g. 'EUR'."),
        badLaunch: costSchema,
        missedGainPerDay: costSchema,
        abort: costSchema,
      }),
    )
    .describe('What errors cost.'),
  externalEvents: z
    .exactOptional(
      z.array(
        z.strictObject({
          name: textSchema.describe('What happened.'),
          from: z.number().describe('Epoch milliseconds.'),
          to: z.number().describe('Epoch milliseconds.'),
        }),
      ),
    )
    .describe('Events outside the trial that move its metrics.'),
  excludeExposedTo: z
    .exactOptional(z.array(nameSchema))
    .describe('Keys of trials whose exposed units stay out of this one.'),
})

/** The shape of a definition. `defineExperiment` checks what hangs together besides. */
export const ExperimentDefinition: z.ZodType<ExperimentDefinition> = definitionSchema
