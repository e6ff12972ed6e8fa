import type { TrailEntry } from '@fairtrial/rollout'
import { useState } from 'react'
import { Stale } from '../parts/stale.tsx'
import { Empty, Loading, Trouble } from '../parts/standing-in.tsx'
import { useLive } from '../plane/live.tsx'
import { useResource } from '../plane/use-resource.ts'
import { linkTo } from '../plane/use-route.ts'
import { sayRule } from '../words/rollout-words.ts'
import { sayInstant } from '../words/times.ts'

const PAGE = 200

/** The audit trail: who did what, each entry chained to the one before. */
export function TrailPage() {
  const [after, setAfter] = useState(0)
  const { changesOf } = useLive()
  const trail = useResource<{ readonly entries: readonly TrailEntry[] }>(
    `/v1/trail?after=${after}&limit=${PAGE}`,
    changesOf(null),
    2_000,
  )
  if (trail.value === null) {
    return trail.refusal === null ? (
      <Loading what="the audit trail" />
    ) : (
      <Trouble refusal={trail.refusal} onRetry={trail.reload} />
    )
  }
  const { entries } = trail.value
  const last = entries.at(-1)
  return (
    <>
      <Stale resource={trail} />
      <div className="page-head">
        <h1>Audit trail</h1>
        <p className="quiet">
          What was done, by whom, and what was refused. Each entry carries the hash of the one before, so that
          none can be changed or taken out unseen.
        </p>
      </div>
      {entries.length === 0 ? (
        <Empty title="Nothing here">Nothing has been done {after > 0 ? 'since' : 'yet'}.</Empty>
      ) : (
        <div className="scroller" tabIndex={0} role="region" aria-label="Audit trail">
          <table className="trail">
            <caption className="for-readers">Entries of the audit trail, the oldest first</caption>
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
                <tr key={entry.sequence}>
                  <th scope="row">{entry.sequence}</th>
                  <td>{sayInstant(entry.at)}</td>
                  <td>
                    {entry.by}
                    {entry.role !== null && <span className="quiet"> {entry.role}</span>}
                  </td>
                  <td>{sayRule(entry.kind)}</td>
                  <td>
                    {entry.experiment === null ? (
                      '–'
                    ) : (
                      <a {...linkTo(`/experiments/${entry.experiment}`)}>{entry.experiment}</a>
                    )}
                  </td>
                  <td className="why">{whyOf(entry)}</td>
                  <td>
                    <code className="hash" title={entry.hash}>
                      {entry.hash.slice(0, 10)}
                    </code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div className="buttons">
        <button type="button" disabled={after === 0} onClick={() => setAfter(Math.max(0, after - PAGE))}>
          Older
        </button>
        <button
          type="button"
          disabled={entries.length < PAGE || last === undefined}
          onClick={() => setAfter(last?.sequence ?? after)}
        >
          Newer
        </button>
      </div>
    </>
  )
}

/** The sentence in an entry's detail, whatever its kind calls it. */
function whyOf({ detail }: TrailEntry): string {
  for (const name of ['reason', 'text', 'detail', 'message', 'cause']) {
    const value = detail[name]
    if (typeof value === 'string') return value
  }
  return JSON.stringify(detail)
}
