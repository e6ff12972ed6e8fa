import type { Direction, SealedMetric } from '@fairtrial/protocol'
import type { HistoryComparison } from '@fairtrial/rollout'
import { type ReactNode, useId } from 'react'
import { armClass } from './arm-class.ts'
import { sayBareDifference, sayDifference, unitOfDifference } from '../words/numbers.ts'
import { sayDuration } from '../words/times.ts'
import { bandPath, linePath } from './path.ts'
import { intervalDomain, linearScale } from './scale.ts'
import { pointAt, thin } from './thin.ts'
import { ticksBetween } from './ticks.ts'
import { Dot, TimeChart } from './time-chart.tsx'

/** An effect at one time. */
export type IntervalPoint = Pick<HistoryComparison, 'estimate' | 'lower' | 'upper'> & { readonly at: number }

/** A line that an effect is held against. */
export interface Reference {
  readonly value: number
  readonly label: string
}

/**
 * An effect with its interval over time, against zero and, of a guardrail, against the margin that it must not be beyond;
 * what is beyond is hatched. First intervals are wider than the chart, and are cut off at its edge.
 */
export function IntervalChart({
  title,
  aside,
  subject,
  metric,
  domain,
  points,
  margin = null,
  references = [],
  variantIndex,
  isWide = false,
}: {
  readonly title: ReactNode
  readonly aside?: ReactNode
  /** `started, session against popularity`: what is compared. */
  readonly subject: string
  readonly metric: SealedMetric | undefined
  readonly domain: readonly [from: number, to: number]
  readonly points: readonly IntervalPoint[]
  readonly margin?: number | null
  readonly references?: readonly Reference[]
  readonly variantIndex: number
  readonly isWide?: boolean
}) {
  const hatch = useId()
  const known = points.flatMap(({ lower, upper }) =>
    lower === null || upper === null ? [] : [[lower, upper] as const],
  )
  // Without an interval there is no scale but what it will be held against.
  const lines = [0, ...(margin === null ? [] : [margin]), ...references.map(({ value }) => value)]
  const [low, high] = intervalDomain(known, lines)
  const newest = points.findLast(({ estimate }) => estimate !== null) ?? null
  const say = (point: IntervalPoint | null) => sayPoint(point, metric)

  return (
    <TimeChart
      title={title}
      aside={aside}
      sentence={`${subject}: ${newest === null ? 'no interval yet' : `now ${say(newest)}`}${margin === null ? '' : `; the margin is ${sayDifference(margin, metric)}`}.`}
      domain={domain}
      isWide={isWide}
      height={190}
      yTicks={(known.length === 0 ? lines : ticksBetween(low, high, 4)).map((value) => ({
        value,
        text: sayBareDifference(value, metric),
      }))}
      yScale={(range) => linearScale([low, high], range)}
      unit={unitOfDifference(metric)}
      readout={(at) => say(at === null ? newest : pointAt(points, at))}
      numbers={{
        caption: `${subject}: effect and interval over time`,
        columns: ['Since the start', 'Effect', 'From', 'To'],
        rows: thin(points, 40).map(({ at, estimate, lower, upper }) => [
          sayDuration(at - domain[0]),
          ...[estimate, lower, upper].map((value) => (value === null ? '–' : sayDifference(value, metric))),
        ]),
      }}
    >
      {({ x, y, left, right, top, bottom, clip }) => (
        <>
          {margin !== null && (
            <>
              <defs>
                <pattern
                  id={hatch}
                  width="6"
                  height="6"
                  patternUnits="userSpaceOnUse"
                  patternTransform="rotate(45)"
                >
                  <line className="hatch" x1="0" x2="0" y1="0" y2="6" />
                </pattern>
              </defs>
              <HarmZone
                margin={y(margin)}
                isAbove={isHarmAbove(metric?.direction)}
                {...{ left, right, top, bottom }}
                fill={`url(#${hatch})`}
              />
              <line className="margin" x1={left} x2={right} y1={y(margin)} y2={y(margin)} />
            </>
          )}
          <line className="zero" x1={left} x2={right} y1={y(0)} y2={y(0)} />
          {references.map(({ value, label }) => (
            <g key={label} className="reference">
              <line x1={left} x2={right} y1={y(value)} y2={y(value)} />
              <text className="on-line" x={left + 6} y={y(value) - 5}>
                {label}
              </text>
            </g>
          ))}
          <g clipPath={clip} className={armClass(variantIndex)}>
            <path className="band" d={bandPath(points, x, y)} />
            <path
              className="line"
              d={linePath(
                points.map(({ at, estimate }) => ({ at, value: estimate })),
                x,
                y,
              )}
            />
          </g>
          {margin !== null && (
            <text
              className="on-line harm-word"
              x={left + 6}
              y={isHarmAbove(metric?.direction) ? y(margin) - 5 : y(margin) + 13}
            >
              beyond the margin
            </text>
          )}
          {newest !== null && newest.estimate !== null && (
            <Dot x={x(newest.at)} y={y(newest.estimate)} series={variantIndex} plot={{ top, bottom }} />
          )}
        </>
      )}
    </TimeChart>
  )
}

function HarmZone({
  margin,
  isAbove,
  left,
  right,
  top,
  bottom,
  fill,
}: {
  readonly margin: number
  readonly isAbove: boolean
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  readonly fill: string
}) {
  const [from, to] = isAbove ? [top, margin] : [margin, bottom]
  const height = Math.max(0, to - from)
  return (
    <g className="harm-zone">
      <rect className="tint" x={left} y={from} width={right - left} height={height} />
      <rect x={left} y={from} width={right - left} height={height} fill={fill} />
    </g>
  )
}

function sayPoint(point: IntervalPoint | null, metric: SealedMetric | undefined): string {
  if (point === null || point.estimate === null) return 'no interval yet'
  const { estimate, lower, upper } = point
  const interval =
    lower === null || upper === null
      ? ''
      : ` [${sayBareDifference(lower, metric)}, ${sayBareDifference(upper, metric)}]`
  return `${sayBareDifference(estimate, metric)}${interval} ${unitOfDifference(metric)}`.trim()
}

function isHarmAbove(direction: Direction | undefined): boolean {
  return direction === 'decrease'
}
