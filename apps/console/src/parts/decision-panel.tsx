import type { RolloutView } from '@fairtrial/rollout'
import { isOver, sayAction, sayRule, sayStatus } from '../words/rollout-words.ts'
import { tie } from '../words/tie.ts'
import { Sign } from './badge.tsx'
import { Summary } from './summary.tsx'
import { Ago } from './time.tsx'

/** The decision in words: what, why, and what would change it. */
export function DecisionPanel({ view }: { readonly view: RolloutView }) {
  const { state, decision, transitions } = view
  if (decision === null || state === null) {
    return (
      <section className="panel decision" aria-labelledby="decision">
        <h2 id="decision">Decision</h2>
        <p className="lead">No look has been taken yet.</p>
      </section>
    )
  }
  // Of an ended phase the question is what ended it, not what comes next.
  const last = transitions.at(-1)
  const ended = isOver(state.status) && last !== undefined
  const told = ended && last.decision !== null ? last.decision : decision
  const { tone, word } = ended ? sayStatus(state.status) : sayAction(decision)
  const [first = '', ...others] = ended && last.decision === null ? [last.reason] : told.reasons
  return (
    <section className={`panel decision tone-${tone}`} aria-labelledby="decision">
      <h2 id="decision">
        <Sign tone={tone} />
        {word}
      </h2>
      <p className="lead">{tie(first)}</p>
      {others.length > 0 && (
        <ul className="reasons">
          {others.map((reason) => (
            <li key={reason}>{tie(reason)}</li>
          ))}
        </ul>
      )}
      <Summary view={view} />
      {(told.wouldAbort ?? []).length > 0 && (
        <div className="shadow">
          <h3>Guardrails in shadow would have aborted</h3>
          <ul>
            {told.wouldAbort?.map((reason) => (
              <li key={reason}>{tie(reason)}</li>
            ))}
          </ul>
        </div>
      )}
      {(decision.changesWhen ?? []).length > 0 && (
        <div className="changes-when">
          <h3>What would change it</h3>
          <ul>
            {decision.changesWhen?.map((sentence) => (
              <li key={sentence}>{tie(sentence)}</li>
            ))}
          </ul>
        </div>
      )}
      <p className="fine">
        Rule: {sayRule(told.rule)}. {ended && last.decision === null ? `Ordered by ${last.by}` : 'Decided'}{' '}
        <Ago at={ended ? last.at : told.decidedAt} />.
      </p>
    </section>
  )
}
