import type { AuditFunnel } from '@fairtrial/protocol'
import { sayCount, sayShare } from '../words/numbers.ts'
import { armClass } from './arm-class.ts'
import { ChartTable } from './chart-table.tsx'
import { linearScale } from './scale.ts'
import { type FunnelStep, funnelSteps } from './funnel-steps.ts'
import { useWidth } from './use-width.ts'

const BAR = 15
const GAP = 4
const WORDS = 22
const BETWEEN = 12
/** Room for the count at a bar's end. */
const RIGHT = 118

/** How far each arm came, from an assignment to an outcome: a bar an arm, as long as what it is a share of allows. */
export function FunnelChart({
  funnel,
  variants,
}: {
  readonly funnel: AuditFunnel
  readonly variants: readonly string[]
}) {
  const [frame, measured] = useWidth<HTMLDivElement>(1140)
  const width = Math.max(RIGHT + 80, measured)
  const steps = funnelSteps(funnel, variants)
  const stepHeight = WORDS + variants.length * (BAR + GAP) + BETWEEN
  const height = steps.length * stepHeight - BETWEEN

  return (
    <figure className="chart funnel">
      <figcaption>
        <span className="chart-title">From assignment to outcome</span>
        <span className="readout legend">
          {variants.map((variant, index) => (
            <span key={variant} className={armClass(index)}>
              <i aria-hidden="true" />
              {variant}
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={frame} className="frame">
        <svg
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={steps.map((step) => `${step.title}: ${sayStep(step, variants)}.`).join(' ')}
        >
          {steps.map((step, row) => {
            const x = linearScale([0, step.most], [0, width - RIGHT])
            return (
              <g key={step.title} transform={`translate(0 ${row * stepHeight})`}>
                <text x={0} y={13}>
                  {step.title}
                </text>
                {variants.map((variant, index) => {
                  const { count, share } = step.arms[index] ?? { count: 0, share: null }
                  const top = WORDS + index * (BAR + GAP)
                  return (
                    <g key={variant} className={armClass(index)}>
                      <rect className="of" x={0} y={top} width={x(step.most)} height={BAR} rx="2" />
                      <rect className="bar" x={0} y={top} width={x(count)} height={BAR} rx="2" />
                      <text x={x(step.most) + 8} y={top + BAR / 2} dy="0.35em">
                        {sayCount(count)}
                        {share === null ? '' : ` · ${sayShare(share)}`}
                      </text>
                    </g>
                  )
                })}
              </g>
            )
          })}
        </svg>
      </div>
      <ChartTable
        caption="How far each arm came"
        columns={['', ...variants.flatMap((variant) => [variant, `${variant}, of the step before`])]}
        rows={steps.map(({ title, arms }) => [
          title,
          ...arms.flatMap(({ count, share }) => [sayCount(count), share === null ? '–' : sayShare(share)]),
        ])}
      />
    </figure>
  )
}

function sayStep({ arms }: FunnelStep, variants: readonly string[]): string {
  return arms
    .map(
      ({ count, share }, index) =>
        `${variants[index]} ${sayCount(count)}${share === null ? '' : `, ${sayShare(share)}`}`,
    )
    .join('; ')
}
