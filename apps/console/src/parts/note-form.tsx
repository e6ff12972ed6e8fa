import { type SyntheticEvent, useId, useState } from 'react'
import type { Refusal } from '../plane/request.ts'
import { useSession } from '../plane/session.tsx'
import { keptName, keepName } from '../plane/kept-name.ts'

/** Writes a note, or a dissent, into the journal, for good. */
export function NoteForm({
  experiment,
  onWritten,
}: {
  readonly experiment: string
  readonly onWritten: () => void
}) {
  const { me, ask } = useSession()
  const [kind, setKind] = useState<'note' | 'dissent'>('note')
  const [text, setText] = useState('')
  const [name, setName] = useState(keptName)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const id = useId()
  if (me.role === 'viewer') return null
  const by = me.name ?? name.trim()

  async function write(event: SyntheticEvent) {
    event.preventDefault()
    if (me.name === null) keepName(by)
    const body = { kind, text: text.trim(), ...(me.name === null ? { by } : {}) }
    const answer = await ask(`/v1/experiments/${experiment}/notes`, body)
    setRefusal(answer.ok ? null : answer.refusal)
    if (!answer.ok) return
    setText('')
    onWritten()
  }

  return (
    <details className="note-form">
      <summary>Write a note, or a dissent</summary>
      <form onSubmit={(event) => void write(event)}>
        <fieldset>
          <legend className="for-readers">Kind</legend>
          {(['note', 'dissent'] as const).map((one) => (
            <label key={one}>
              <input type="radio" name={`${id}-kind`} checked={kind === one} onChange={() => setKind(one)} />
              {one === 'note' ? 'Note' : 'Dissent: I disagree with the last decision'}
            </label>
          ))}
        </fieldset>
        {me.name === null && (
          <>
            <label htmlFor={`${id}-name`}>Your name</label>
            <input
              id={`${id}-name`}
              value={name}
              maxLength={100}
              onChange={(event) => setName(event.target.value)}
            />
          </>
        )}
        <label htmlFor={`${id}-text`}>Text</label>
        <textarea
          id={`${id}-text`}
          rows={3}
          maxLength={1000}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {refusal !== null && (
          <p className="wrong" role="alert">
            {refusal.detail} {refusal.remedy}
          </p>
        )}
        <button type="submit" disabled={text.trim() === '' || by === ''}>
          Write it down
        </button>
      </form>
    </details>
  )
}
