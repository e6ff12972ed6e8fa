import { useLive } from '../plane/live.tsx'
import type { Resource } from '../plane/use-resource.ts'
import { sayClock } from '../words/times.ts'

/** Above what may be old: since when, and why. Nothing, while it is fresh. */
export function Stale({ resource }: { readonly resource: Resource<unknown> }) {
  const { state, since } = useLive()
  const { refusal, loadedAt, reload } = resource
  if (refusal === null && state !== 'lost') return null
  return (
    <div className="stale" role="status">
      <p>
        <strong>
          {refusal === null
            ? `Not live since ${sayClock(since)}.`
            : `What you see is of ${loadedAt === null ? 'before' : sayClock(loadedAt)}.`}
        </strong>{' '}
        {refusal === null
          ? 'Changes are not told as they happen; the connection is tried again by itself.'
          : `${refusal.detail} ${refusal.remedy}`}
      </p>
      <button type="button" onClick={reload}>
        Read again
      </button>
    </div>
  )
}
