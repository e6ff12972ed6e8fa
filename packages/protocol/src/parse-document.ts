import type * as z from 'zod'
import { ServedReport } from './events.ts'
import { schemaProblems } from './schema-problem.ts'
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
  return parse(RolloutState, 'invalid-state', value)
}

/** Reads a snapshot from parsed JSON. Unknown fields are dropped, an unknown major is refused. */
export function parseSnapshot(value: unknown): Parsed<Snapshot> {
  return parse(Snapshot, 'invalid-state', value)
}

/** Reads a report of what was served. Unknown fields are dropped, an unknown major is refused. */
export function parseServedReport(value: unknown): Parsed<ServedReport> {
  return parse(ServedReport, 'invalid-event', value)
}

function parse<T>(
  schema: z.ZodType<T>,
  code: 'invalid-state' | 'invalid-event',
  document: unknown,
): Parsed<T> {
  const parsed = schema.safeParse(document)
  if (parsed.success) return { ok: true, value: parsed.data }
  const problems = schemaProblems(schema, document, parsed.error.issues)
  const tooNew = problems.find(({ path, value }) => path.endsWith('schema') && isOtherMajor(value))
  const told = (tooNew ? [tooNew] : problems).map(({ path, message }) => `${path || 'all'}: ${message}`)
  return { ok: false, code: tooNew ? 'unsupported-version' : code, detail: told.join(' ') }
}

/** Every document is of major version 1 today. */
function isOtherMajor(schema: unknown): boolean {
  return typeof schema === 'string' && /^fairtrial\.[a-z]+\/(?!1$)\d+$/.test(schema)
}
