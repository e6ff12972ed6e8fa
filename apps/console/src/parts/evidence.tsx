import type { RolloutState } from '@fairtrial/protocol'
import type { HistoryPoint, RolloutHistory, RolloutView } from '@fairtrial/rollout'
import { SharedCursor } from '../charts/cursor.tsx'
import { FunnelChart } from '../charts/funnel-chart.tsx'
import { RampChart, type RampPoint } from '../charts/ramp-chart.tsx'
import { RatioChart } from '../charts/ratio-chart.tsx'
import { shownTimes } from '../charts/shown-times.ts'
import { UnitsChart } from '../charts/units-chart.tsx'
import { ExpectedLoss } from './expected-loss.tsx'
import { Findings } from './findings.tsx'
import { Guardrails } from './guardrails.tsx'
import { Looks } from './looks.tsx'
import { Plan } from './plan.tsx'
import { Primaries } from './primaries.tsx'
import { Proof } from './proof.tsx'

/** All that a decision rests on, from what was seen to how it was seen. Needs no server. */
export function Evidence({
  view,
  history,
}: {
  readonly view: RolloutView
  readonly history: RolloutHistory | null
}) {
  const { experiment, state, audit, proof, looks } = view
  // Nobody is enrolled: there is nothing to look at but what is planned.
  if (state?.awaitsStart === true) return <Plan experiment={experiment} />
  // Another phase is another trial: its evidence stands on its own.
  const all = (history?.points ?? []).filter(({ phase }) => phase === state?.phase)
  const domain = shownTimes(state, all)
  const points = all.filter(({ at }) => at >= domain[0] && at <= domain[1])
  const variants = [
    experiment.control,
    ...experiment.variants.map(({ name }) => name).filter((name) => name !== experiment.control),
  ]
  return (
    <SharedCursor>
      {proof !== null && <Proof proof={proof} />}
      <section aria-labelledby="ramp-section">
        <h2 id="ramp-section" className="for-readers">
          Ramp
        </h2>
        <RampChart experiment={experiment} points={withState(points, state)} domain={domain} />
      </section>
      {audit?.verdict === 'broken' && (
        <p className="banner wrong">
          The audit is broken: the numbers below are not to be believed. They are shown so that the cause can
          be found.
        </p>
      )}
      <Guardrails view={view} points={points} domain={domain} variants={variants} />
      <Primaries view={view} points={points} domain={domain} variants={variants} />
      <ExpectedLoss view={view} />
      <section aria-labelledby="traffic">
        <h2 id="traffic">Who was exposed</h2>
        <div className="charts">
          <UnitsChart variants={variants} points={points} domain={domain} />
          <RatioChart points={points} alpha={experiment.analysis.sampleRatio.alpha} domain={domain} />
          {audit?.funnel !== undefined && <FunnelChart funnel={audit.funnel} variants={variants} />}
        </div>
      </section>
      <Findings audit={audit} />
      {looks !== null && <Looks looks={looks} experiment={experiment} />}
      <Plan experiment={experiment} />
    </SharedCursor>
  )
}

/** The state may be newer than the history, and an abort is not to be waited for. */
function withState(points: readonly HistoryPoint[], state: RolloutState | null): readonly RampPoint[] {
  const isNewer = state !== null && state.revision > (points.at(-1)?.revision ?? 0)
  return isNewer ? [...points, { ...state, at: state.changedAt }] : points
}
