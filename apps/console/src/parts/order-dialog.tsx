import type { TransitionEvent } from '@fairtrial/protocol'
import { type SyntheticEvent, useEffect, useId, useRef, useState } from 'react'
import { keepName, keptName } from '../plane/kept-name.ts'
import type { Refusal } from '../plane/request.ts'
import { useSession } from '../plane/session.tsx'
import type { Offer } from '../words/orders.ts'
import { sayTransition } from '../words/transition-words.ts'

/** Asks whether it is meant: says what will happen, and takes the reason, which is kept for good. */
export function OrderDialog({
  experiment,
  offer,
  onClose,
}: {
  readonly experiment: string
  readonly offer: Offer
  /** Of an order that was carried out, a sentence that tells it; else null. */
  readonly onClose: (done: string | null) => void
}) {
  const { me, ask } = useSession()
  const dialog = useRef<HTMLDialogElement>(null)
  const [reason, setReason] = useState('')
  const [name, setName] = useState(keptName)
  const [isSending, setSending] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const id = useId()
  useEffect(() => dialog.current?.showModal(), [])

  const by = me.name ?? name.trim()
  const isReady = reason.trim() !== '' && by !== '' && !isSending

  async function order(event: SyntheticEvent) {
    event.preventDefault()
    if (!isReady) return
    setSending(true)
    setRefusal(null)
    if (me.name === null) keepName(by)
    const body = {
      reason: reason.trim(),
      ...(me.name === null ? { by } : {}),
      ...(offer.action === 'approve' ? { revision: offer.seen } : {}),
    }
    const answer = await ask<TransitionEvent>(`/v1/experiments/${experiment}/${offer.action}`, body)
    setSending(false)
    if (answer.ok) {
      dialog.current?.close()
      onClose(`${sayTransition(answer.value)}.`)
    } else setRefusal(answer.refusal)
  }

  return (
    <dialog
      ref={dialog}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-what`}
      onClose={() => onClose(null)}
    >
      <form onSubmit={(event) => void order(event)}>
        <h2 id={`${id}-title`}>
          {offer.label} {experiment}?
        </h2>
        <ul id={`${id}-what`} className="consequences">
          {offer.consequences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        {me.name === null && (
          <>
            <label htmlFor={`${id}-name`}>Your name</label>
            <input
              id={`${id}-name`}
              value={name}
              required
              maxLength={100}
              autoComplete="name"
              onChange={(event) => setName(event.target.value)}
            />
          </>
        )}
        <label htmlFor={`${id}-reason`}>Reason</label>
        <textarea
          id={`${id}-reason`}
          rows={3}
          required
          maxLength={1000}
          value={reason}
          aria-describedby={`${id}-kept`}
          onChange={(event) => setReason(event.target.value)}
        />
        <p id={`${id}-kept`} className="fine">
          {me.name === null ? 'Name and reason are' : `Your name, ${me.name}, and the reason are`} kept in the
          audit trail for good.
        </p>
        {refusal !== null && (
          <p className="wrong" role="alert">
            {refusal.detail} {refusal.remedy}
          </p>
        )}
        <div className="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button
            type="submit"
            className={offer.isDangerous ? 'danger primary' : 'primary'}
            disabled={!isReady}
          >
            {isSending ? 'Sending …' : offer.label}
          </button>
        </div>
      </form>
    </dialog>
  )
}
