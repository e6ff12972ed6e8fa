import type { HistoryPoint, RolloutView } from '@fairtrial/rollout'
import { armClass } from '../charts/arm-class.ts'
import { IntervalChart } from '../charts/interval-chart.tsx'
import { saySize, sayValue } from '../words/numbers.ts'
import { sayReading } from '../words/rollout-words.ts'
import { tie } from '../words/tie.ts'
import { Badge } from './badge.tsx'

/** Each guardrail in each treatment arm: its confidence sequence against its margin, and what it says. */
export function Guardrails({
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
  if (experiment.guardrails.length === 0) return null
  return (
    <section aria-labelledby="guardrails">
      <h2 id="guardrails">Guardrails</h2>
      <p className="quiet">
        The effect of each treatment against {experiment.control}, with intervals that are valid at every
        look. A breach is an interval wholly beyond the margin.
      </p>
      <div className="charts">
        {experiment.guardrails.flatMap((guardrail) =>
          variants.slice(1).map((variant, index) => {
            const metric = experiment.metrics[guardrail.metric]
            const told = evaluation?.metrics[guardrail.metric]?.comparisons[variant]?.guardrail
            const series = points.flatMap(({ at, guardrails }) => {
              const found = guardrails.find(
                (one) => one.metric === guardrail.metric && one.variant === variant,
              )
              return found === undefined ? [] : [{ at, ...found }]
            })
            const limit = guardrail.hardLimit
            return (
              <article key={`${guardrail.metric} ${variant}`} className="guardrail">
                <IntervalChart
                  title={guardrail.metric}
                  aside={
                    <>
                      {variants.length > 2 && (
                        <span className={`arm-name ${armClass(index + 1)}`}>{variant}</span>
                      )}
                      <Badge {...sayReading(told?.verdict ?? 'unknown', audit)} />
                      {guardrail.shadow === true && <span className="quiet">in shadow</span>}
                    </>
                  }
                  subject={`${guardrail.metric}, ${variant} against ${experiment.control}`}
                  metric={metric}
                  domain={domain}
                  points={series}
                  margin={series.findLast(({ margin }) => margin !== null)?.margin ?? null}
                  variantIndex={index + 1}
                />
                <p>{told === undefined ? 'No look has told of it yet.' : tie(capital(told.detail))}</p>
                <p className="fine">
                  {guardrail.shadow === true
                    ? 'In shadow: it never acts'
                    : `A breach ${ACTIONS[guardrail.action]}`}
                  . Margin {saySize(guardrail.margin, metric)}
                  {limit !== undefined && (
                    <>
                      ; never worse than {sayValue(limit.worst, metric)} from {limit.minimumUnits} units on
                    </>
                  )}
                  .{metric?.description !== undefined && ` ${metric.description}`}
                </p>
              </article>
            )
          }),
        )}
      </div>
    </section>
  )
}

const ACTIONS = { abort: 'aborts', hold: 'holds', alert: 'alerts, and does nothing else' } as const

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
