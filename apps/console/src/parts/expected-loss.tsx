import { expectedLoss, type RolloutView } from '@fairtrial/rollout'
import { sayNumber } from '../words/numbers.ts'
import { isOver } from '../words/rollout-words.ts'
import { sayDuration } from '../words/times.ts'

/** What each choice is expected to cost now, where the plan has its prices, and how much that hangs on the prior. */
export function ExpectedLoss({ view: { experiment, evaluation, state } }: { readonly view: RolloutView }) {
  if (experiment.costs === undefined || evaluation === null || state === null || isOver(state.status))
    return null
  const weights = experiment.variants.reduce((sum, { weight }) => sum + weight, 0)
  const control = experiment.variants.find(({ name }) => name === experiment.control)?.weight ?? 0
  const treatedShare = (state.trafficPercent / 100) * (1 - control / weights)
  const loss = expectedLoss(experiment, evaluation, { treatedShare })
  if ('notEstimable' in loss) return null
  const { currency } = experiment.costs
  const say = (cost: number | null) => (cost === null ? '–' : `${sayMoney(cost)} ${currency}`)
  return (
    <section aria-labelledby="loss">
      <h2 id="loss">What being wrong costs</h2>
      <p>
        {loss.cheaper === null
          ? 'The plan does not price all of it.'
          : `By the data alone, ${loss.cheaper === 'ship' ? `shipping ${loss.variant}` : 'aborting'} is expected to cost less: shipping ${say(loss.cost.ship)}, aborting ${say(loss.cost.abort)}, another day as it is ${say(loss.cost.hold)}. The chance of harm is ${sayChance(loss.chanceOfHarm)}.`}
      </p>
      <div className="scroller" tabIndex={0} role="region" aria-label="Expected loss by prior">
        <table>
          <caption className="for-readers">Expected loss of each choice, the narrowest prior first</caption>
          <thead>
            <tr>
              {['Prior, in minimum lifts', 'Chance of harm', 'Ship', 'Hold a day', 'Abort', 'Costs less'].map(
                (column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {loss.sensitivity.map(({ priorWidth, chanceOfHarm, cost, cheaper }) => (
              <tr key={priorWidth}>
                <th scope="row">{priorWidth === null ? 'none: the data alone' : `± ${priorWidth}`}</th>
                <td>{sayChance(chanceOfHarm)}</td>
                <td>{say(cost.ship)}</td>
                <td>{say(cost.hold)}</td>
                <td>{say(cost.abort)}</td>
                <td>{cheaper ?? '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="fine">
        A word for people: no rule reads it. An abort gives up {sayDuration(loss.days * 86_400_000)} of gain.
        A prior is what was believed of the effect before: zero, give or take so many times the smallest lift
        worth having.
      </p>
    </section>
  )
}

function sayMoney(cost: number): string {
  return cost.toLocaleString('en-US', { maximumFractionDigits: cost < 100 ? 2 : 0 })
}

function sayChance(chance: number): string {
  return chance < 1e-4 ? 'under 0.01 %' : `${sayNumber(100 * chance)} %`
}
