import type { DecisionLog, DecisionLogEntry, Dissent, RolloutView } from '@fairtrial/rollout'
import { useState } from 'react'
import { useResource } from '../plane/use-resource.ts'
import { sayRule, sayStanding, sayStatus, type Tone } from '../words/rollout-words.ts'
import { tie } from '../words/tie.ts'
import { sayTransition } from '../words/transition-words.ts'
import { Sign } from './badge.tsx'
import { NoteForm } from './note-form.tsx'
import { Readiness } from './readiness.tsx'
import { Ago } from './time.tsx'

const PAGE = 20

/** Who decided what, on what, and who disagreed: the newest first, to be searched and added to. */
export function Journal({ view, changes }: { readonly view: RolloutView; readonly changes: number }) {
  const { experiment } = view
  const [text, setText] = useState('')
  const [count, setCount] = useState(PAGE)
  const query = new URLSearchParams({
    limit: `${count}`,
    ...(text.trim() === '' ? {} : { text: text.trim() }),
  })
  const log = useResource<DecisionLog>(`/v1/experiments/${experiment.key}/decisions?${query}`, changes, 1_000)
  // What is sought is typed letter by letter; what was found before stays until there is something else.
  const [shown, setShown] = useState<DecisionLog | null>(null)
  if (log.value !== null && log.value !== shown) setShown(log.value)

  return (
    <section aria-labelledby="journal">
      <div className="section-head">
        <h2 id="journal">Journal</h2>
        <input
          type="search"
          aria-label="Find in the journal"
          placeholder="Find"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      {log.refusal !== null && (
        <p className="wrong" role="alert">
          {log.refusal.detail} {log.refusal.remedy}
        </p>
      )}
      {shown !== null && shown.entries.length === 0 && (
        <p className="quiet">
          {text.trim() === '' ? 'Nothing has been decided yet.' : `Nothing says “${text.trim()}”.`}
        </p>
      )}
      <ol className="journal">
        {shown?.entries.map((entry) => (
          <Entry key={entry.sequence} entry={entry} view={view} />
        ))}
      </ol>
      {typeof shown?.next === 'number' && (
        <button type="button" onClick={() => setCount((before) => before + PAGE)}>
          Show older
        </button>
      )}
      <NoteForm experiment={experiment.key} onWritten={log.reload} />
    </section>
  )
}

const SAID: Readonly<Record<'note' | 'dissent', { word: string; tone: Tone }>> = {
  note: { word: 'Note', tone: 'over' },
  dissent: { word: 'Dissent', tone: 'waiting' },
}

function Entry({ entry, view }: { readonly entry: DecisionLogEntry; readonly view: RolloutView }) {
  const { kind, status, at, by, role, rule, text, reasons, dissent, revision } = entry
  const { word, tone } = kind === 'transition' ? sayStatus(status) : SAID[kind]
  const event =
    kind === 'transition' ? view.transitions.find(({ to }) => to.revision === revision) : undefined
  const others = reasons.filter((reason) => reason !== text)
  return (
    <li className={`tone-${tone}`}>
      <Sign tone={tone} />
      <div>
        <p>
          <strong>{event === undefined ? word : sayTransition(event)}</strong>
          <span className="quiet">
            {' '}
            {kind === 'transition'
              ? sayStanding(event?.to ?? entry, view.experiment)
              : `while ${sayStatus(status).word.toLowerCase()}`}
            , by {by}
            {role !== null && role !== by && ` (${role})`}
            {kind === 'transition' && rule !== null && `, ${sayRule(rule)}`}, <Ago at={at} />
          </span>
        </p>
        <p>{tie(text)}</p>
        {event?.readiness !== undefined && <Readiness report={event.readiness} />}
        {others.length > 0 && (
          <details>
            <summary>{kind === 'transition' ? 'Its reasons' : 'What was known'}</summary>
            <ul>
              {others.map((reason) => (
                <li key={reason}>{tie(reason)}</li>
              ))}
            </ul>
          </details>
        )}
        {kind === 'transition' && dissent.map((one) => <Dissenting key={one.sequence} dissent={one} />)}
      </div>
    </li>
  )
}

function Dissenting({ dissent: { by, at, text } }: { readonly dissent: Dissent }) {
  return (
    <p className="dissent">
      <strong>{by} disagrees:</strong> {text}{' '}
      <span className="quiet">
        <Ago at={at} />
      </span>
    </p>
  )
}
