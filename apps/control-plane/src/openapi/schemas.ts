import {
  AuditReport,
  Decision,
  Evaluation,
  ExposureEvent,
  LookLedger,
  MeasurementEvent,
  OutcomeEvent,
  ProducerReport,
  ReadinessReport,
  RolloutState,
  ServedReport,
  Snapshot,
  TransitionEvent,
} from '@fairtrial/protocol'
import * as z from 'zod'
import type { JsonSchema } from '../route.ts'

/** A sealed definition is shown as it is: what a definition may be has a schema of its own, in @fairtrial/protocol. */
const experiment = z.looseObject({ key: z.string(), fingerprint: z.string(), control: z.string() })

const card = z.object({
  experiment: z.string(),
  description: z.string().nullable(),
  hypothesis: z.string(),
  control: z.string(),
  stages: z.int(),
  state: ref('RolloutState').nullable(),
  action: z.string().nullable(),
  rule: z.string().nullable(),
  reason: z.string().nullable(),
  verdict: z.string().nullable(),
  units: z.record(z.string(), z.int().nonnegative()),
  decidedAt: z.int().nullable(),
  error: z.string().nullable(),
})

const proof = z.object({
  schema: z.literal('fairtrial.rollback-proof/1'),
  experiment: z.string(),
  revision: z.int(),
  proved: z.boolean(),
  provedAt: z.int().nullable(),
  waitingFor: z.array(z.string()),
  violated: z.array(z.string()),
  lastTreatmentServedAt: z.int().nullable(),
  servedForMs: z.number(),
  instances: z.object({ acknowledged: z.int(), lapsed: z.int(), unconcerned: z.int(), waiting: z.int() }),
})

const rollout = z.object({
  schema: z.literal('fairtrial.rollout/1'),
  experiment,
  state: ref('RolloutState').nullable(),
  decision: ref('Decision').nullable(),
  evaluation: ref('Evaluation').nullable(),
  audit: ref('AuditReport').nullable(),
  proof: ref('RollbackProof').nullable(),
  transitions: z.array(ref('TransitionEvent')),
  looks: ref('LookLedger').nullable(),
  error: z.string().nullable(),
  leader: z.boolean(),
})

const ingested = z.object({
  accepted: z.int().nonnegative(),
  duplicates: z.int().nonnegative(),
  rejected: z.array(z.object({ line: z.int().positive(), code: z.string(), detail: z.string() })),
})

const refusal = z.object({
  code: z.string(),
  detail: z.string(),
  remedy: z.string(),
  state: z.exactOptional(ref('RolloutState')),
})

const written = {
  AuditReport,
  Decision,
  Evaluation,
  ExposureEvent,
  LookLedger,
  MeasurementEvent,
  OutcomeEvent,
  ProducerReport,
  ReadinessReport,
  Refusal: refusal,
  RollbackProof: proof,
  Rollout: rollout,
  RolloutCard: card,
  RolloutState,
  ServedReport,
  Snapshot,
  TransitionEvent,
}

/** The named schemas of the document: those of the wire are protocol's own. */
export const components: { readonly [name: string]: JsonSchema } = Object.fromEntries(
  Object.entries(written).map(([name, schema]) => [name, jsonSchemaOf(schema)]),
)

/** What routes take and answer. */
export const schemas = {
  accepted: jsonSchemaOf(z.object({ accepted: z.literal(true) })),
  caller: jsonSchemaOf(
    z.object({
      name: z.string().nullable(),
      role: z.enum(['service', 'viewer', 'operator', 'admin']),
    }),
  ),
  event: {
    anyOf: ['ExposureEvent', 'OutcomeEvent', 'MeasurementEvent', 'ProducerReport'].map((name) =>
      refSchema(name),
    ),
  },
  exposure: refSchema('ExposureEvent'),
  health: jsonSchemaOf(z.object({ status: z.literal('ok') })),
  ingested: jsonSchemaOf(ingested),
  outcome: refSchema('OutcomeEvent'),
  readiness: jsonSchemaOf(z.object({ status: z.enum(['ready', 'not-ready']), reasons: z.array(z.string()) })),
  readinessReport: refSchema('ReadinessReport'),
  refusal: refSchema('Refusal'),
  rollout: refSchema('Rollout'),
  rollouts: jsonSchemaOf(
    z.object({ schema: z.literal('fairtrial.rollouts/1'), rollouts: z.array(ref('RolloutCard')) }),
  ),
  served: refSchema('ServedReport'),
  signedExposure: {
    allOf: [
      refSchema('ExposureEvent'),
      { type: 'object', properties: { token: { type: 'string' } }, required: ['token'] },
    ],
  },
  snapshot: refSchema('Snapshot'),
  summary: { anyOf: ['MeasurementEvent', 'ProducerReport'].map((name) => refSchema(name)) },
  transition: refSchema('TransitionEvent'),
} as const satisfies { readonly [name: string]: JsonSchema }

/** The JSON Schema of what a zod schema reads: unknown fields may be there, a later minor version may have them. */
function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' })
  return rest as JsonSchema
}

function refSchema(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` }
}

/** Stands for a named schema inside another. */
function ref(name: string) {
  return z.unknown().meta({ $ref: `#/components/schemas/${name}` })
}
