import type { RolloutView } from '@fairtrial/rollout'
import { type Experiment, hypothesisSentence, type RolloutState } from '@fairtrial/protocol'
import type { ReactNode } from 'react'
import { approvalsAsked } from '../words/orders.ts'
import { sayStanding, sayState } from '../words/rollout-words.ts'
import { tie } from '../words/tie.ts'
import { Badge } from './badge.tsx'
import { DecisionPanel } from './decision-panel.tsx'
import { Ago } from './time.tsx'

/** The head of a rollout's page: what is on trial, how it stands, what is decided. Orders stand beside, where they may be given. */
export function RolloutHead({
  view,
  orders,
  save,
}: {
  readonly view: RolloutView
  readonly orders?: ReactNode
  readonly save?: ReactNode
}) {
  const { experiment, state, error, leader } = view
  return (
    <>
      <div className="page-head rollout-head">
        <div>
          <div className="standing" role="status">
            <Badge {...sayState(state)} />
            {state !== null && <span>{sayStanding(state, experiment)}</span>}
          </div>
          <h1>{experiment.key}</h1>
          <p className="hypothesis">{tie(hypothesisSentence(experiment))}</p>
          {experiment.description !== undefined && <p className="quiet">{experiment.description}</p>}
        </div>
        <div className="beside">
          {orders}
          {state !== null && (
            <p className="fine">
              Phase {state.phase}, revision {state.revision}, changed <Ago at={state.changedAt} />
              {typeof state.heldBy === 'string' && <>, held by {state.heldBy}</>}.
              <Approvals experiment={experiment} state={state} />
              <br />
              {experiment.whenStateLapses === 'keep-serving'
                ? 'Services that hear of no state keep serving.'
                : `Services that hear of no state serve ${experiment.control} when their lease ends.`}
              {!leader && (
                <>
                  <br />
                  Another replica runs the loop.
                </>
              )}{' '}
              {save}
            </p>
          )}
        </div>
      </div>
      {error !== null && (
        <p className="banner wrong" role="alert">
          The last look failed: {error} What is shown is of the look before; the state stays as it is.
        </p>
      )}
      <DecisionPanel view={view} />
    </>
  )
}

/** Who has approved of the start, or of leaving the stage, where the plan asks for it. */
function Approvals({ experiment, state }: { readonly experiment: Experiment; readonly state: RolloutState }) {
  const { approvals = [], awaitsStart = false, readiness } = state
  const needed = approvalsAsked(experiment, state)
  const names = approvals.map(({ by }) => by).join(', ')
  return (
    <>
      {awaitsStart && readiness && ` Found ready by ${readiness.by}.`}
      {needed > 0 && ` ${approvals.length} of ${needed} approvals${names === '' ? '' : ` (${names})`}.`}
    </>
  )
}
