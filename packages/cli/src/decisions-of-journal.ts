import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ExperimentError, type TransitionEvent } from '@fairtrial/protocol'
import { decisionContext, type DecisionLog, type DecisionLogEntry } from '@fairtrial/rollout'
import { fileStateStore } from '@fairtrial/rollout/controller'

/** What is looked for; what is not set is everything. */
export interface DecisionQuery {
  readonly limit: number
  readonly rule?: string
  readonly by?: string
  /** In what was said, whatever the case of its letters. */
  readonly text?: string
}

/**
 * The decisions that the journal of a data directory holds, the newest first; what people have noted beside them stands in
 * the trail, which the control plane reads. A `sequence` is here the revision.
 *
 * @throws ExperimentError `invalid-argument` where there is no journal of that experiment
 */
export async function decisionsOfJournal(
  data: string,
  experiment: string,
  query: DecisionQuery,
): Promise<DecisionLog> {
  const directory = join(data, 'state')
  const isThere = await stat(directory).then(
    (found) => found.isDirectory(),
    () => false,
  )
  const transitions = isThere ? await fileStateStore({ directory }).transitions(experiment) : []
  if (transitions.length === 0) {
    throw new ExperimentError(
      'invalid-argument',
      `--data ${data} holds no journal of ${experiment}.`,
      'Give the --data of the control plane; with --postgres ask the control plane itself (--url).',
    )
  }
  const entries = transitions
    .map(entryOf)
    .toReversed()
    .filter((entry) => isWanted(entry, query))
  const { limit } = query
  const next = entries.length > limit ? (entries[limit - 1]?.sequence ?? null) : null
  return { schema: 'fairtrial.decisions/1', experiment, entries: entries.slice(0, limit), next }
}

function entryOf({ at, by, to, decision, reason }: TransitionEvent): DecisionLogEntry {
  const role = by === 'controller' ? 'controller' : null
  const context = decisionContext(to, decision)
  return { sequence: to.revision, at, by, role, kind: 'transition', text: reason, ...context, dissent: [] }
}

function isWanted(entry: DecisionLogEntry, { rule, by, text }: DecisionQuery): boolean {
  if (rule !== undefined && entry.rule !== rule) return false
  if (by !== undefined && entry.by !== by) return false
  return (
    text === undefined || [entry.text, ...entry.reasons].join('\n').toLowerCase().includes(text.toLowerCase())
  )
}
