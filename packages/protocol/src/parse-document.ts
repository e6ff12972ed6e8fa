import type * as z from 'zod'
import { ServedReport } from './events.ts'
import { schemaProblems } from './schema-problem.ts'
import { show } from './show.ts'
import { RolloutState, Snapshot } from './state.ts'

/** A document that was read, or why it was not. Whoever reads it keeps the last good one. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false
      readonly code: 'invalid-state' | 'invalid-event' | 'unsupported-version'
      /** Every field that is wrong, and what is wrong with it. */
      readonly detail: string
    }

/** Reads the state of a rollout from parsed JSON. Unknown fields are dropped, an unknown major is refused. */
export function parseState(value: unknown): Parsed<RolloutState> {
  return parse(RolloutState, 'fairtrial.state/', 'invalid-state', value)
}

/** Reads a snapshot from parsed JSON. Unknown fields are dropped, an unknown major is refused. */
export function parseSnapshot(value: unknown): Parsed<Snapshot> {
  return parse(Snapshot, 'fairtrial.snapshot/', 'invalid-state', value)
}

/** Reads a report of what was served. Unknown fields are dropped, an unknown major is refused. */
export function parseServedReport(value: unknown): Parsed<ServedReport> {
  return parse(ServedReport, 'fairtrial.served/', 'invalid-event', value)
}

function parse<T>(
  schema: z.ZodType<T>,
  family: string,
  code: 'invalid-state' | 'invalid-event',
  value: unknown,
): Parsed<T> {
  const version = (value as { schema?: unknown } | null | undefined)?.schema
  if (typeof version === 'string' && version !== `${family}1` && version.startsWith(family)) {
    return { ok: false, code: 'unsupported-version', detail: `schema is ${show(version)}, not "${family}1"` }
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return { ok: true, value: parsed.data }
  const problems = schemaProblems(schema, value, parsed.error.issues)
  return {
    ok: false,
    code,
    detail: problems.map(({ path, message }) => `${path || 'all'}: ${message}`).join(' '),
  }
}
