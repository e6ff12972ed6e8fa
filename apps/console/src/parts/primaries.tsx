import type { Comparison, SealedMetric } from '@fairtrial/protocol'
import type { HistoryPoint, RolloutView } from '@fairtrial/rollout'
import { armClass } from '../charts/arm-class.ts'
import { IntervalChart, type Reference } from '../charts/interval-chart.tsx'
import { numberOf, sayDifference, sayNumber, sayRelative, sayValue } from '../words/numbers.ts'
import { explainP } from '../words/p-value.ts'
import { sayReading } from '../words/rollout-words.ts'
import { tie } from '../words/tie.ts'
import { Badge } from './badge.tsx'

/** Each primary metric in each treatment arm: its effect over time, in numbers, and its p-value in a sentence. */
export function Primaries({
  view: { experiment, evaluation, audit },
  points,
  domain,
  variants,
}: {
  readonly view: RolloutView
  readonly points: readonly HistoryPoint[]
  readonly domain: readonly [from: number, to: number]
  readonly variants: readonly string[]
}) {
  const { control, hypothesis } = experiment
  const primaries = Object.entries(experiment.metrics).filter(([, { role }]) => role === 'primary')
  return (
    <section aria-labelledby="primaries">
      <h2 id="primaries">{primaries.length === 1 ? 'Primary metric' : 'Primary metrics'}</h2>
      {primaries.flatMap(([name, metric]) =>
        variants.slice(1).map((variant, index) => {
          const comparison = evaluation?.metrics[name]?.comparisons[variant]
          const controlMean = numberOf(evaluation?.metrics[name]?.variants[control]?.mean)
          const lift = name === hypothesis.metric ? wantedLift(hypothesis, controlMean) : null
          return (
            <article key={`${name} ${variant}`} className="primary-metric">
              <IntervalChart
                title={name}
                aside={
                  <>
                    {variants.length > 2 && (
                      <span className={`arm-name ${armClass(index + 1)}`}>{variant}</span>
                    )}
                    <Badge {...sayReading(comparison?.verdict ?? 'unknown', audit)} />
                  </>
                }
                subject={`${name}, ${variant} against ${control}`}
                metric={metric}
                domain={domain}
                points={points.flatMap(({ at, primaries: all }) => {
                  const found = all.find((one) => one.metric === name && one.variant === variant)
                  return found === undefined ? [] : [{ at, ...found }]
                })}
                references={lift === null ? [] : [lift]}
                variantIndex={index + 1}
                isWide
              />
              {comparison === undefined ? (
                <p className="quiet">No look has told of it yet.</p>
              ) : (
                <Told
                  {...{ comparison, name, metric, variant, control, audit }}
                  arms={evaluation?.metrics[name]?.variants}
                />
              )}
            </article>
          )
        }),
      )}
    </section>
  )
}

type Arms = NonNullable<RolloutView['evaluation']>['metrics'][string]['variants'] | undefined

function Told({
  comparison,
  name,
  metric,
  variant,
  control,
  audit,
  arms,
}: {
  readonly comparison: Comparison
  readonly name: string
  readonly metric: SealedMetric
  readonly variant: string
  readonly control: string
  readonly audit: RolloutView['audit']
  readonly arms: Arms
}) {
  const p = explainP({ comparison, metric: name, variant, control }, audit)
  const { effect, interval, impactPerDay, practical } = comparison
  return (
    <div className="told">
      <dl className="facts">
        {[control, variant].map((arm) => (
          <div key={arm}>
            <dt>{arm}</dt>
            <dd>{said(numberOf(arms?.[arm]?.mean), (mean) => sayValue(mean, metric))}</dd>
          </div>
        ))}
        <div>
          <dt>Effect</dt>
          <dd>{said(numberOf(effect.absolute), (value) => sayDifference(value, metric))}</dd>
        </div>
        <div>
          <dt>Of {control}</dt>
          <dd>
            {said(numberOf(effect.relative), sayRelative)}
            {Array.isArray(interval.relative) && (
              <span className="quiet">
                {' '}
                [{sayRelative(interval.relative[0])}, {sayRelative(interval.relative[1])}]
              </span>
            )}
          </dd>
        </div>
        <div>
          <dt>Coverage</dt>
          <dd>{sayNumber(100 * interval.level)} %</dd>
        </div>
        {impactPerDay !== undefined && (
          <div>
            <dt>On all units in a day</dt>
            <dd>
              {said(numberOf(impactPerDay.total), signedCount)}
              {Array.isArray(impactPerDay.interval) && (
                <span className="quiet">
                  {' '}
                  [{signedCount(impactPerDay.interval[0])}, {signedCount(impactPerDay.interval[1])}]
                </span>
              )}
            </dd>
          </div>
        )}
        {practical !== undefined && (
          <div>
            <dt>The lift that pays</dt>
            <dd>
              {{ above: 'reached', below: 'out of reach', unknown: 'not known yet' }[practical.verdict]}
            </dd>
          </div>
        )}
      </dl>
      <p>{tie(comparison.ruledOut)}</p>
      <p>{tie(p.sentence)}</p>
      <details>
        <summary>What this rests on</summary>
        <ul>
          {p.conditions.map((condition) => (
            <li key={condition}>{condition}</li>
          ))}
        </ul>
      </details>
    </div>
  )
}

/** Where the smallest lift worth having lies, as an absolute effect; null where control's mean is not known. */
function wantedLift(
  { minimumLift, direction }: RolloutView['experiment']['hypothesis'],
  controlMean: number | null,
): Reference | null {
  const size =
    'absolute' in minimumLift
      ? minimumLift.absolute
      : controlMean && minimumLift.relative * Math.abs(controlMean)
  if (size === null) return null
  return { value: direction === 'increase' ? size : -size, label: 'hoped for' }
}

function said(value: number | null, say: (value: number) => string): string {
  return value === null ? '–' : say(value)
}

function signedCount(value: number): string {
  return `${value > 0 ? '+' : ''}${sayNumber(value)}`
}
