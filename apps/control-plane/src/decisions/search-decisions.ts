import type { DecisionLog, DecisionLogEntry, Dissent } from '@fairtrial/rollout'
import type { Trail } from '../trail/trail.ts'
import { decisionEntry } from './decision-entry.ts'

/** Entries that one request reads at most; the next page goes on from there. */
const MAXIMUM_READ = 2_000

/** What is looked for; null is everything. */
export interface DecisionQuery {
  readonly experiment: string
  /** Only what stands before this entry of the trail. */
  readonly before: number
  readonly limit: number
  readonly rule: string | null
  readonly by: string | null
  /** In what was said, whatever the case of its letters. */
  readonly text: string | null
}

/** Looks through the trail from its end for decisions, notes and dissent. */
export async function searchDecisions(
  trail: Pick<Trail, 'marks' | 'read'>,
  query: DecisionQuery,
): Promise<DecisionLog> {
  const { experiment, before, limit } = query
  const dissents = dissentsOf(trail.marks, experiment)
  const entries: DecisionLogEntry[] = []
  let left = MAXIMUM_READ
  let next: number | null = null
  for (let sequence = Math.min(before - 1, trail.marks.length); sequence > 0; sequence--) {
    const mark = trail.marks[sequence - 1]
    if (mark?.experiment !== experiment || !isDecision(mark.kind)) continue
    if (entries.length === limit || left === 0) {
      next = sequence + 1
      break
    }
    left -= 1
    const numbers = mark.kind === 'transition' ? (dissents.get(mark.revision) ?? []) : []
    const dissent = await Promise.all(numbers.map((number) => dissentOf(trail, number)))
    const entry = decisionEntry(await trail.read(sequence), dissent)
    if (isWanted(entry, query)) entries.push(entry)
  }
  return { schema: 'fairtrial.decisions/1', experiment, entries, next }
}

const isDecision = (kind: string) => kind === 'transition' || kind === 'note' || kind === 'dissent'

/** Numbers of the entries in which somebody disagreed, by the revision that was in force. */
function dissentsOf(marks: Trail['marks'], experiment: string): Map<number | null, number[]> {
  const found = new Map<number | null, number[]>()
  for (const [i, mark] of marks.entries()) {
    if (mark.kind !== 'dissent' || mark.experiment !== experiment) continue
    found.set(mark.revision, [...(found.get(mark.revision) ?? []), i + 1])
  }
  return found
}

async function dissentOf(trail: Pick<Trail, 'read'>, sequence: number): Promise<Dissent> {
  const { at, by, text } = decisionEntry(await trail.read(sequence), [])
  return { sequence, at, by, text }
}

function isWanted(entry: DecisionLogEntry, { rule, by, text }: DecisionQuery): boolean {
  if (rule !== null && entry.rule !== rule) return false
  if (by !== null && entry.by !== by) return false
  if (text === null) return true
  const said = [entry.text, ...entry.reasons, ...entry.dissent.map((each) => each.text)]
  return said.join('\n').toLowerCase().includes(text.toLowerCase())
}
