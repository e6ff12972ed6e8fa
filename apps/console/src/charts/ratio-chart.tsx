import type { HistoryPoint } from '@fairtrial/rollout'
import { sayP } from '../words/numbers.ts'
import { sayDuration } from '../words/times.ts'
import { linePath } from './path.ts'
import { logScale } from './scale.ts'
import { pointAt, thin } from './thin.ts'
import { decadesBetween } from './ticks.ts'
import { Dot, TimeChart } from './time-chart.tsx'

/** The p-value of the sample ratio over time, by powers of ten, against the alpha below which arms are not as planned. */
export function RatioChart({
  points,
  alpha,
  domain,
}: {
  readonly points: readonly Pick<HistoryPoint, 'at' | 'sampleRatioP'>[]
  readonly alpha: number
  readonly domain: readonly [from: number, to: number]
}) {
  const values = points.flatMap(({ sampleRatioP }) => (sampleRatioP === null ? [] : [sampleRatioP]))
  // Below a billionth of alpha there is nothing more to learn.
  const low = Math.max(alpha * 1e-9, Math.min(alpha / 30, ...values.map((p) => p / 3)))
  const newest = points.findLast(({ sampleRatioP }) => sampleRatioP !== null) ?? null
  const say = (p: number | null) => (p === null ? 'no test yet' : `${sayP(p)}, alpha ${alpha}`)

  return (
    <TimeChart
      title="Sample ratio"
      sentence={`The sample ratio's p-value, valid at every look: ${say(newest?.sampleRatioP ?? null)}.`}
      domain={domain}
      height={190}
      yTicks={decadesBetween(low, 1, 4).map((value) => ({
        value,
        text: value >= 1e-4 ? `${value}` : power(value),
      }))}
      yScale={(range) => logScale([low, 1.6], range)}
      unit="p"
      readout={(at) => say((at === null ? newest : pointAt(points, at))?.sampleRatioP ?? null)}
      numbers={{
        caption: 'p-value of the sample ratio over time',
        columns: ['Since the start', 'p'],
        rows: thin(points, 40).map(({ at, sampleRatioP }) => [
          sayDuration(at - domain[0]),
          sampleRatioP === null ? '–' : sayP(sampleRatioP).replace('p = ', ''),
        ]),
      }}
    >
      {({ x, y, left, right, top, bottom, clip }) => (
        <>
          <g className="harm-zone">
            <rect
              className="tint"
              x={left}
              y={y(alpha)}
              width={right - left}
              height={Math.max(0, bottom - y(alpha))}
            />
            <text className="on-line harm-word" x={left + 6} y={y(alpha) + 13}>
              not as planned
            </text>
          </g>
          <line className="margin" x1={left} x2={right} y1={y(alpha)} y2={y(alpha)} />
          <g clipPath={clip} className="arm-0">
            <path
              className="line"
              d={linePath(
                points.map(({ at, sampleRatioP }) => ({ at, value: sampleRatioP })),
                x,
                y,
              )}
            />
          </g>
          {typeof newest?.sampleRatioP === 'number' && (
            <Dot x={x(newest.at)} y={y(newest.sampleRatioP)} series={0} plot={{ top, bottom }} />
          )}
        </>
      )}
    </TimeChart>
  )
}

function power(value: number): string {
  return `1e−${Math.round(-Math.log10(value))}`
}
