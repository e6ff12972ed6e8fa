import type { Experiment, LookLedger } from '@fairtrial/protocol'
import { sayCount, sayDifference, sayNumber } from '../words/numbers.ts'
import { sayInstant } from '../words/times.ts'

/** Every look at the primaries, and what it cost. */
export function Looks({
  looks,
  experiment,
}: {
  readonly looks: LookLedger
  readonly experiment: Experiment
}) {
  const { attempt } = looks
  const isFree = experiment.analysis.method === 'asymptotic-cs'
  return (
    <section aria-labelledby="looks">
      <h2 id="looks">Ledger of looks</h2>
      <p className="quiet">
        This phase may spend {sayNumber(100 * attempt.share)} % of alpha {experiment.analysis.alpha}.{' '}
        {isFree
          ? `The intervals of this plan are valid at every look: ${sayCount(looks.glances)} so far, and none costs anything.`
          : `Between the looks there were ${sayCount(looks.glances)} glances, which decide nothing.`}
      </p>
      {looks.looks.length === 0 ? (
        !isFree && <p>No scheduled look has been reached yet.</p>
      ) : (
        <div className="scroller" tabIndex={0} role="region" aria-label="Ledger of looks">
          <table>
            <caption className="for-readers">Looks at the primary metrics, the oldest first</caption>
            <thead>
              <tr>
                {[
                  'Look',
                  'At',
                  'Kind',
                  'Units',
                  'Information',
                  'Effect',
                  'z',
                  'Boundary',
                  'Alpha spent',
                  'Decided',
                ].map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {looks.looks.map((look) => (
                <tr key={`${look.metric} ${look.variant} ${look.look}`}>
                  <th scope="row">
                    {look.metric}, {look.variant} {look.look}
                  </th>
                  <td>{sayInstant(look.at)}</td>
                  <td>{look.kind}</td>
                  <td>{sayCount(look.units)}</td>
                  <td>{sayNumber(100 * look.informationFraction)} %</td>
                  <td>{sayDifference(look.effect, experiment.metrics[look.metric])}</td>
                  <td>{sayNumber(look.z)}</td>
                  <td>{look.boundary === null ? '–' : `±${sayNumber(look.boundary)}`}</td>
                  <td>{sayNumber(look.alphaSpent)}</td>
                  <td>{look.decided ?? '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
