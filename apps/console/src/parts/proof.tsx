import type { RollbackProof } from '@fairtrial/rollout'
import { sayCount } from '../words/numbers.ts'
import { sayDuration, sayInstant } from '../words/times.ts'
import { Badge, Sign } from './badge.tsx'

/** Whether a rollback has reached everybody, by what instances say that they served. */
export function Proof({ proof }: { readonly proof: RollbackProof }) {
  const { proved, instances, waitingFor, violated, lastTreatmentServedAt, servedForMs } = proof
  const badge =
    violated.length > 0
      ? ({ tone: 'harm', word: 'Still served' } as const)
      : proved
        ? ({ tone: 'good', word: 'Proved' } as const)
        : ({ tone: 'waiting', word: 'Not proved yet' } as const)
  return (
    <section className={`panel proof tone-${badge.tone}`} aria-labelledby="proof">
      <h2 id="proof">
        Rollback <Badge {...badge} />
      </h2>
      <dl className="facts">
        <div>
          <dt>Time to zero treatment</dt>
          <dd>{lastTreatmentServedAt === null ? 'None reported' : sayDuration(servedForMs)}</dd>
        </div>
        <div>
          <dt>Acknowledged</dt>
          <dd>{sayCount(instances.acknowledged)}</dd>
        </div>
        <div>
          <dt>Lease lapsed</dt>
          <dd>{sayCount(instances.lapsed)}</dd>
        </div>
        <div>
          <dt>Without the experiment</dt>
          <dd>{sayCount(instances.unconcerned)}</dd>
        </div>
        <div>
          <dt>Waiting for</dt>
          <dd>{sayCount(instances.waiting)}</dd>
        </div>
        <div>
          <dt>Revision</dt>
          <dd>{proof.revision}</dd>
        </div>
      </dl>
      {violated.length > 0 && (
        <ul className="reasons">
          {violated.map((sentence) => (
            <li key={sentence} className="wrong">
              <Sign tone="harm" />
              {sentence}
            </li>
          ))}
        </ul>
      )}
      {waitingFor.length > 0 && (
        <details open={waitingFor.length <= 3}>
          <summary>What is waited for</summary>
          <ul>
            {waitingFor.slice(0, 50).map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
          {waitingFor.length > 50 && <p className="fine">and {sayCount(waitingFor.length - 50)} more</p>}
        </details>
      )}
      {proof.provedAt !== null && <p className="fine">Proved {sayInstant(proof.provedAt)}.</p>}
    </section>
  )
}
