import type { AttributionReport } from '@fairtrial/rollout'
import { type SyntheticEvent, useId, useState } from 'react'
import { useResource } from '../plane/use-resource.ts'
import { linkTo } from '../plane/use-route.ts'
import { tie } from '../words/tie.ts'
import { Badge } from './badge.tsx'

/** Asks which of the rollouts that run may have moved a metric: a topline has fallen, and somebody wants to know why. */
export function Attribution({ changes }: { readonly changes: number }) {
  const [typed, setTyped] = useState('')
  const [metric, setMetric] = useState('')
  const id = useId()
  function submit(event: SyntheticEvent) {
    event.preventDefault()
    setMetric(typed.trim())
  }
  return (
    <section aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Which of them moved a metric?</h2>
      <form className="in-a-line" onSubmit={submit}>
        <label htmlFor={`${id}-metric`}>Metric or event</label>
        <input
          id={`${id}-metric`}
          value={typed}
          maxLength={200}
          onChange={(event) => setTyped(event.target.value)}
        />
        <button type="submit" disabled={typed.trim() === ''}>
          Rank them
        </button>
      </form>
      {metric !== '' && <Ranking metric={metric} changes={changes} />}
    </section>
  )
}

const VERDICTS = {
  harms: { tone: 'harm', word: 'Harms' },
  helps: { tone: 'good', word: 'Helps' },
  unclear: { tone: 'unknown', word: 'Unclear' },
} as const

function Ranking({ metric, changes }: { readonly metric: string; readonly changes: number }) {
  const { value, refusal } = useResource<AttributionReport>(
    `/v1/attribution?metric=${encodeURIComponent(metric)}`,
    changes,
    2_000,
  )
  if (value === null) {
    return refusal === null ? (
      <p role="status">Reading …</p>
    ) : (
      <p className="wrong" role="alert">
        {refusal.detail} {refusal.remedy}
      </p>
    )
  }
  return (
    <div role="status">
      {value.ranked.length === 0 && <p>No rollout that runs has anything to tell of {value.metric}.</p>}
      <ol className="ranking">
        {value.ranked.map(({ experiment, variant, verdict, sentence }) => (
          <li key={`${experiment} ${variant}`}>
            <Badge {...VERDICTS[verdict]} /> <a {...linkTo(`/experiments/${experiment}`)}>{experiment}</a>
            <p>{tie(sentence)}</p>
          </li>
        ))}
      </ol>
      {[...value.unranked.map(({ reason }) => reason), ...value.limits].map((sentence) => (
        <p key={sentence} className="fine">
          {sentence}
        </p>
      ))}
    </div>
  )
}
