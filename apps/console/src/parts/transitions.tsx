import type { RolloutView } from '@fairtrial/rollout'
import { sayStanding, sayStatus } from '../words/rollout-words.ts'
import { tie } from '../words/tie.ts'
import { sayInstant } from '../words/times.ts'
import { sayTransition } from '../words/transition-words.ts'
import { Sign } from './badge.tsx'
import { Readiness } from './readiness.tsx'

/** Every change of the state with its reason, the newest first, where there is nobody to ask for more. */
export function Transitions({ view: { transitions, experiment } }: { readonly view: RolloutView }) {
  return (
    <section aria-labelledby="journal">
      <h2 id="journal">Journal</h2>
      <ol className="journal">
        {transitions.toReversed().map((event) => {
          const { to, by, at, reason, readiness } = event
          const { tone } = sayStatus(to.status)
          return (
            <li key={to.revision} className={`tone-${tone}`}>
              <Sign tone={tone} />
              <div>
                <p>
                  <strong>{sayTransition(event)}</strong>{' '}
                  <span className="quiet">
                    {sayStanding(to, experiment)}, by {by}, {sayInstant(at)}
                  </span>
                </p>
                <p>{tie(reason)}</p>
                {readiness !== undefined && <Readiness report={readiness} />}
              </div>
            </li>
          )
        })}
      </ol>
    </section>
  )
}
