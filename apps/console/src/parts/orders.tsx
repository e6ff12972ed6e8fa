import type { Experiment, RolloutState } from '@fairtrial/protocol'
import { useId, useState } from 'react'
import { useSession } from '../plane/session.tsx'
import { type Offer, offersOf } from '../words/orders.ts'
import { OrderDialog } from './order-dialog.tsx'

/** What may be ordered, and, where one may not, why. */
export function Orders({
  experiment,
  state,
  onOrdered,
}: {
  readonly experiment: Experiment
  readonly state: RolloutState | null
  readonly onOrdered: () => void
}) {
  const { me } = useSession()
  const [open, setOpen] = useState<Offer | null>(null)
  const [told, setTold] = useState('')
  const why = useId()
  const offers = offersOf(experiment, state, me.role)
  const refusals = offers.flatMap(({ refusedBecause }) => refusedBecause ?? [])
  return (
    <div className="orders">
      <div className="buttons" role="group" aria-label="Orders">
        {offers.map((offer) => (
          <button
            key={offer.action}
            type="button"
            className={offer.isDangerous ? 'danger' : undefined}
            disabled={offer.refusedBecause !== null}
            aria-describedby={offer.refusedBecause === null ? undefined : why}
            onClick={() => setOpen(offer)}
          >
            {offer.label}
          </button>
        ))}
      </div>
      {refusals.length > 0 && (
        <p id={why} className="fine">
          {refusals.length === offers.length && me.role === 'viewer'
            ? 'You look on: orders need the role operator.'
            : refusals.join(' ')}
        </p>
      )}
      <p className="fine" role="status">
        {told}
      </p>
      {open !== null && (
        <OrderDialog
          experiment={experiment.key}
          offer={open}
          onClose={(done) => {
            setOpen(null)
            if (done === null) return
            setTold(done)
            onOrdered()
          }}
        />
      )}
    </div>
  )
}
