import { ExperimentError } from '@fairtrial/protocol'
import type { TrailEntry } from '@fairtrial/rollout'
import type { TrailTable } from '@fairtrial/rollout/postgres'
import { chain, lineOf, readLink, type TrailEnd, type TrailFact } from './chain.ts'
import { markOf, type TrailMark, type TrailStore } from './trail-store.ts'

const PAGE = 1_000
/** How often an append begins anew because another replica was quicker. */
const ATTEMPTS = 20

/**
 * The trail of several replicas, in one table with one chain. Each reads what the others have appended before it appends;
 * a transition, of which all of them hear, is in it once.
 *
 * @throws ExperimentError `invalid-state` where an entry does not hold
 */
export async function openTrailTable(table: TrailTable): Promise<TrailStore> {
  const marks: TrailMark[] = []
  const hashes: string[] = []
  let last: TrailEnd | null = null

  async function refresh(): Promise<void> {
    for (;;) {
      const lines = await table.after(hashes.length, PAGE)
      for (const { sequence, line } of lines) {
        // Another refresh has read it meanwhile.
        if (sequence <= hashes.length) continue
        const entry = readLink(line, last)
        if ('why' in entry) throw broken(sequence, entry.why)
        marks.push(markOf(entry))
        hashes.push(entry.hash)
        last = { sequence, hash: entry.hash }
      }
      if (lines.length < PAGE) return
    }
  }

  async function read(sequence: number): Promise<TrailEntry> {
    const [row] = await table.after(sequence - 1, 1)
    const before = hashes[sequence - 2]
    const entry = readLink(
      row?.line ?? '',
      before === undefined ? null : { sequence: sequence - 1, hash: before },
    )
    if ('why' in entry || entry.hash !== hashes[sequence - 1]) throw broken(sequence, 'it has changed since')
    return entry
  }

  /** The number of the entry that says the same already. */
  function knownAs(fact: TrailFact): number | null {
    const { kind, experiment, revision } = markOf(fact)
    if (kind !== 'transition') return null
    const index = marks.findLastIndex(
      (mark) => mark.kind === kind && mark.experiment === experiment && mark.revision === revision,
    )
    return index < 0 ? null : index + 1
  }

  await refresh()
  return {
    marks,
    get last() {
      return last
    },
    refresh,
    read,
    async append(facts) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        await refresh()
        const behind = last
        const fresh: TrailEntry[] = []
        const entries: TrailEntry[] = []
        for (const fact of facts) {
          const known = knownAs(fact)
          const entry = known === null ? chain(fresh.at(-1) ?? behind, fact) : await read(known)
          if (known === null) fresh.push(entry)
          entries.push(entry)
        }
        const lines = fresh.map((entry) => lineOf(entry).trimEnd())
        if (fresh.length > 0 && !(await table.append(lines, behind?.sequence ?? 0))) continue
        await refresh()
        return entries
      }
      throw new ExperimentError(
        'revision-conflict',
        `The trail grew under ${ATTEMPTS} attempts to append to it.`,
        'It is tried again.',
      )
    },
    close: async () => undefined,
  }
}

function broken(sequence: number, why: string): ExperimentError {
  return new ExperimentError(
    'invalid-state',
    `The trail in PostgreSQL does not hold: of entry ${sequence}, ${why}.`,
    'Find out who changed it. Restore it from a backup.',
  )
}
