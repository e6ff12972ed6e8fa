import type { RolloutCard, RolloutList } from '@fairtrial/rollout'
import { useState } from 'react'
import { Attribution } from '../parts/attribution.tsx'
import { Badge, Sign } from '../parts/badge.tsx'
import { Stale } from '../parts/stale.tsx'
import { Empty, Loading, Trouble } from '../parts/standing-in.tsx'
import { Ago } from '../parts/time.tsx'
import { useLive } from '../plane/live.tsx'
import { useResource } from '../plane/use-resource.ts'
import { linkTo } from '../plane/use-route.ts'
import { sayCount } from '../words/numbers.ts'
import { isOver, sayRule, sayState, sayVerdict } from '../words/rollout-words.ts'
import { tie } from '../words/tie.ts'

/** Every rollout of this control plane, those that want somebody first. */
export function RolloutsPage() {
  const { changesOf } = useLive()
  const list = useResource<RolloutList>('/v1/experiments', changesOf(null), 1_000)
  const [sought, setSought] = useState('')
  if (list.value === null) {
    return list.refusal === null ? (
      <Loading what="the rollouts" />
    ) : (
      <Trouble refusal={list.refusal} onRetry={list.reload} />
    )
  }
  const { rollouts } = list.value
  const shown = rollouts.filter((card) => isSought(card, sought)).toSorted(byUrgency)
  return (
    <>
      <Stale resource={list} />
      <div className="page-head">
        <h1>Rollouts</h1>
        <p className="quiet">{sumUp(rollouts)}</p>
        {rollouts.length > 3 && (
          <input
            type="search"
            aria-label="Find rollouts by key, words or status"
            placeholder="Find"
            value={sought}
            onChange={(event) => setSought(event.target.value)}
          />
        )}
      </div>
      {rollouts.length === 0 ? (
        <Empty title="No rollouts yet">
          Start the control plane with a definition: <code>fairtrial serve --definition plan.json</code>.
        </Empty>
      ) : shown.length === 0 ? (
        <Empty title="Nothing found">No rollout has “{sought}” in its key, its words or its status.</Empty>
      ) : (
        <ul className="rollouts">
          {shown.map((card) => (
            <li key={card.experiment}>
              <Rollout card={card} />
            </li>
          ))}
        </ul>
      )}
      {rollouts.length > 0 && <Attribution changes={changesOf(null)} />}
    </>
  )
}

function Rollout({ card }: { readonly card: RolloutCard }) {
  const { experiment, hypothesis, control, state, reason, rule, verdict, units, decidedAt, error } = card
  const status = sayState(state)
  const audit = sayVerdict(verdict)
  const arms = Object.keys(units).toSorted((a, b) => Number(b === control) - Number(a === control))
  return (
    <article className={`rollout tone-${status.tone}`} aria-labelledby={`rollout-${experiment}`}>
      <div>
        <h2 id={`rollout-${experiment}`}>
          <a {...linkTo(`/experiments/${experiment}`)}>{experiment}</a>
        </h2>
        <p className="hypothesis">{tie(hypothesis)}</p>
        <p className="because">
          {tie(reason ?? 'No look has been taken yet.')}
          {rule !== null && decidedAt !== null && (
            <span className="quiet">
              {' '}
              {sayRule(rule)}, <Ago at={decidedAt} />
            </span>
          )}
        </p>
        {error !== null && <p className="wrong">The last look failed: {error}</p>}
      </div>
      <div className="at-a-glance">
        <p className="standing">
          <Badge {...status} />
          {state !== null && <span>{reachWords(card)}</span>}
        </p>
        {state !== null && <RampBar card={card} />}
        <dl className="facts">
          {arms.map((arm) => (
            <div key={arm}>
              <dt>{arm}</dt>
              <dd>{sayCount(units[arm] ?? 0)}</dd>
            </div>
          ))}
          <div>
            <dt>Audit</dt>
            <dd className={`tone-${audit.tone}`}>
              <Sign tone={audit.tone} />
              {audit.word}
            </dd>
          </div>
        </dl>
      </div>
    </article>
  )
}

/** Whom the treatment reaches, in a few words. */
function reachWords({ state, stages }: RolloutCard): string {
  if (state === null) return ''
  if (state.status === 'baking') return `${state.shippedVariant}, ${state.trafficPercent} % in the trial`
  if (state.shippedVariant !== null) return state.shippedVariant
  if (state.awaitsStart === true) return 'nobody is enrolled yet'
  const stage = `stage ${state.stage + 1} of ${stages}`
  return isOver(state.status) ? `in ${stage}` : `${stage}, ${state.trafficPercent} %`
}

/** The ramp in small: a cell for each stage, filled as far as it has come. */
function RampBar({ card: { state, stages } }: { readonly card: RolloutCard }) {
  if (state === null) return null
  const reached = state.shippedVariant === null ? state.stage : stages
  return (
    <div className="ramp-bar" aria-hidden="true">
      {Array.from({ length: stages }, (_, stage) => (
        <i key={stage} className={stage < reached ? 'done' : stage === reached ? 'now' : ''} />
      ))}
    </div>
  )
}

/** `3 running, 1 holding, 2 aborted`. */
function sumUp(rollouts: readonly RolloutCard[]): string {
  const words = rollouts.toSorted(byUrgency).map(({ state }) => sayState(state).word.toLowerCase())
  return [...new Set(words)].map((word) => `${words.filter((one) => one === word).length} ${word}`).join(', ')
}

function isSought(
  { experiment, hypothesis, description, state, reason }: RolloutCard,
  sought: string,
): boolean {
  const text = [experiment, hypothesis, description, sayState(state).word, reason].join(' ').toLowerCase()
  return sought
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/** Held ones first, then those under way, then the ended, the latest first. */
function byUrgency(a: RolloutCard, b: RolloutCard): number {
  return (
    rank(a) - rank(b) ||
    (b.state?.changedAt ?? 0) - (a.state?.changedAt ?? 0) ||
    a.experiment.localeCompare(b.experiment)
  )
}

function rank({ state, error }: RolloutCard): number {
  if (state === null || isOver(state.status)) return 2
  return state.status === 'holding' || error !== null ? 0 : 1
}
