import type { TrailEntry } from '@fairtrial/rollout'
import { useState } from 'react'
import { Stale } from '../parts/stale.tsx'
import { Empty, Loading, Trouble } from '../parts/standing-in.tsx'
import { useLive } from '../plane/live.tsx'
import { useResource } from '../plane/use-resource.ts'
import { linkTo } from '../plane/use-route.ts'
import { tie } from '../words/tie.ts'
import { sayInstant } from '../words/times.ts'
import { sayEntry, sayKind } from '../words/trail-words.ts'

const PAGE = 100

interface TrailPageAnswer {
  readonly entries: readonly TrailEntry[]
  readonly last: { readonly sequence: number } | null
}

/** The audit trail, the newest first: who did what, each entry chained to the one before. */
export function TrailPage() {
  const [before, setBefore] = useState<number | null>(null)
  const { changesOf } = useLive()
  const path = `/v1/trail?limit=${PAGE}${before === null ? '' : `&before=${before}`}`
  const trail = useResource<TrailPageAnswer>(path, changesOf(null), 2_000)
  if (trail.value === null) {
    return trail.refusal === null ? (
      <Loading what="the audit trail" />
    ) : (
      <Trouble refusal={trail.refusal} onRetry={trail.reload} />
    )
  }
  const entries = trail.value.entries.toReversed()
  const oldest = entries.at(-1)?.sequence ?? 1
  return (
    <>
      <Stale resource={trail} />
      <div className="page-head">
        <h1>Audit trail</h1>
        <p className="quiet">
          What was done, by whom, and what was refused. Each entry carries the hash of the one before: one
          that is changed alone breaks the chain. Keep the last hash elsewhere, and the end is held, too.
        </p>
      </div>
      {entries.length === 0 ? (
        <Empty title="Nothing here">Nothing has been done yet.</Empty>
      ) : (
        <div className="scroller" tabIndex={0} role="region" aria-label="Audit trail">
          <table className="trail">
            <caption className="for-readers">Entries of the audit trail, the newest first</caption>
            <thead>
              <tr>
                {['#', 'At', 'Who', 'What', 'Rollout', 'Why', 'Hash'].map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <Row key={entry.sequence} entry={entry} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div className="buttons">
        <button type="button" disabled={oldest <= 1} onClick={() => setBefore(oldest)}>
          Older
        </button>
        <button type="button" disabled={before === null} onClick={() => setBefore(null)}>
          Newest
        </button>
      </div>
    </>
  )
}

function Row({ entry }: { readonly entry: TrailEntry }) {
  const { sequence, at, by, role, experiment, hash } = entry
  return (
    <tr>
      <th scope="row">{sequence}</th>
      <td>{sayInstant(at)}</td>
      <td>
        {by}
        {role !== null && role !== by && <span className="quiet"> {role}</span>}
      </td>
      <td className="what">{sayKind(entry)}</td>
      <td className="rollout-name">
        {experiment === null ? '–' : <a {...linkTo(`/experiments/${experiment}`)}>{experiment}</a>}
      </td>
      <td className="why">{tie(sayEntry(entry))}</td>
      <td>
        <code className="hash" title={hash}>
          {hash.slice(0, 10)}
        </code>
      </td>
    </tr>
  )
}
