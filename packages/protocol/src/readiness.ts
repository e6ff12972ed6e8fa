import * as z from 'zod'
import { type JsonObject, jsonObjectSchema } from './json.ts'
import { digestSchema, wireNameSchema } from './name.ts'
import { wholeSchema } from './whole.ts'

/** What is looked at before the first unit is enrolled, in this order. */
export const READINESS_CHECKS = [
  'contract-test',
  'dry-run',
  'metric-freshness',
  'sample-ratio',
  'reproducible-analysis',
] as const

/** One of them. */
export type ReadinessCheckName = (typeof READINESS_CHECKS)[number]

/** One thing that was looked at. */
export interface ReadinessCheck {
  readonly check: ReadinessCheckName
  readonly passed: boolean
  /** What was seen, with its size, in one sentence. */
  readonly detail: string
  /** What to do about it; empty where it passed. */
  readonly remedy: string
  readonly evidence: JsonObject
}

/** Whether a definition may begin: by a contract test of its instrumentation, and a dry run of its services. */
export interface ReadinessReport {
  readonly schema: 'fairtrial.readiness/1'
  readonly experiment: string
  /** Of the definition that was looked at; it says nothing about another. */
  readonly fingerprint: string
  /** Epoch milliseconds. */
  readonly madeAt: number
  /** Epoch milliseconds of the oldest of what it stands on; absent where it stands on nothing that is dated. */
  readonly oldestEvidenceAt?: number
  /** Every check has passed. */
  readonly ready: boolean
  /** Each check once. */
  readonly checks: readonly ReadinessCheck[]
}

/** The shape of a readiness report. One that says `ready` and has not passed every check is refused. */
export const ReadinessReport: z.ZodType<ReadinessReport> = z
  .object({
    schema: z.literal('fairtrial.readiness/1'),
    experiment: wireNameSchema,
    fingerprint: digestSchema,
    madeAt: wholeSchema,
    oldestEvidenceAt: z.exactOptional(wholeSchema),
    ready: z.boolean(),
    checks: z.array(
      z.object({
        check: z.enum(READINESS_CHECKS),
        passed: z.boolean(),
        detail: z.string().max(2_000),
        remedy: z.string().max(2_000),
        evidence: jsonObjectSchema,
      }),
    ),
  })
  .refine(
    ({ checks }) =>
      checks.length === READINESS_CHECKS.length &&
      READINESS_CHECKS.every((name) => checks.some(({ check }) => check === name)),
    { path: ['checks'], error: `Must hold each of ${READINESS_CHECKS.join(', ')} once.` },
  )
  .refine(({ ready, checks }) => ready === checks.every(({ passed }) => passed), {
    path: ['ready'],
    error: 'Must be true where every check has passed, and else false.',
  })

/** The instrumentation of one definition, verified by a test of the service that bears it. */
export interface ContractReport {
  readonly schema: 'fairtrial.contract/1'
  readonly experiment: string
  readonly fingerprint: string
  /** Epoch milliseconds. */
  readonly madeAt: number
  /** Name and version of the library that verified it. */
  readonly sdk: string
  /** One for each arm that the service was run in; null is a run in no given arm. */
  readonly runs: readonly {
    readonly arm: string | null
    readonly exposures: number
    readonly outcomes: number
  }[]
}

/** The shape of a contract report. */
export const ContractReport: z.ZodType<ContractReport> = z.object({
  schema: z.literal('fairtrial.contract/1'),
  experiment: wireNameSchema,
  fingerprint: digestSchema,
  madeAt: wholeSchema,
  sdk: z.string().min(1),
  runs: z
    .array(z.object({ arm: wireNameSchema.nullable(), exposures: wholeSchema, outcomes: wholeSchema }))
    .min(1),
})
