import { type PointerEvent, type ReactNode, useId } from 'react'
import { armClass } from './arm-class.ts'
import { sayDuration } from '../words/times.ts'
import { ChartTable, type ChartNumbers } from './chart-table.tsx'
import { useCursor } from './cursor.tsx'
import { linearScale, type Scale } from './scale.ts'
import { timeTicks } from './ticks.ts'
import { useWidth } from './use-width.ts'

/** The newest value of a line; not drawn where the line has left the plot. */
export function Dot({
  x,
  y,
  series,
  plot: { top, bottom },
}: {
  readonly x: number
  readonly y: number
  readonly series: number
  readonly plot: Pick<Plot, 'top' | 'bottom'>
}) {
  return y < top || y > bottom ? null : <circle className={`dot ${armClass(series)}`} cx={x} cy={y} r="3.5" />
}

/** Where a chart draws, in pixels. */
export interface Plot {
  readonly x: Scale
  readonly y: Scale
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  /** Names a clip of the plot: what is drawn with it ends at the edge. */
  readonly clip: string
}

/** Words at the edge of a chart end there, and are not cut off. */
function anchorOf(x: number, { left, right }: Pick<Plot, 'left' | 'right'>): 'start' | 'middle' | 'end' {
  if (x < left + 12) return 'start'
  return x > right - 12 ? 'end' : 'middle'
}

const TOP = 20
const LEFT = 46
const FOOT = 22

/**
 * The frame of every chart over time: axes, the shared cursor, the words above, the numbers below. What it shows is said
 * in a sentence to those who do not see it.
 */
export function TimeChart({
  title,
  aside,
  sentence,
  domain,
  height,
  isWide = false,
  right = 10,
  yTicks,
  yScale,
  unit,
  readout,
  numbers,
  children,
}: {
  readonly title: ReactNode
  /** Beside the title. */
  readonly aside?: ReactNode
  /** What is to be seen, for who cannot. */
  readonly sentence: string
  readonly domain: readonly [from: number, to: number]
  readonly height: number
  /** Whether it has a row for itself: how wide it is drawn before its place is measured, and on paper. */
  readonly isWide?: boolean
  /** Room for words at the lines' ends. */
  readonly right?: number
  readonly yTicks: readonly { readonly value: number; readonly text: string }[]
  readonly yScale: (range: readonly [number, number]) => Scale
  /** What the numbers of the axis are in. */
  readonly unit?: string
  /** The numbers at a time; of null, the newest. */
  readonly readout: (at: number | null) => ReactNode
  readonly numbers: ChartNumbers
  readonly children: (plot: Plot) => ReactNode
}) {
  const [frame, measured] = useWidth<HTMLDivElement>(isWide ? 1140 : 540)
  const width = Math.max(LEFT + right + 40, measured)
  const { at, point } = useCursor()
  const id = useId()
  const plot: Plot = {
    x: linearScale(domain, [LEFT, width - right]),
    y: yScale([height - FOOT, TOP]),
    left: LEFT,
    right: width - right,
    top: TOP,
    bottom: height - FOOT,
    clip: `url(#${id}-clip)`,
  }
  const room = plot.right - plot.left

  function follow(event: PointerEvent<SVGSVGElement>) {
    const share = (event.clientX - event.currentTarget.getBoundingClientRect().left - plot.left) / room
    point(domain[0] + Math.min(1, Math.max(0, share)) * (domain[1] - domain[0]))
  }

  return (
    <figure className="chart">
      <figcaption>
        <span className="chart-title">{title}</span>
        {aside}
        <span className="readout">
          {at !== null && <span className="when">{sayDuration(at - domain[0])}</span>}
          {readout(at)}
        </span>
      </figcaption>
      <div ref={frame} className="frame">
        <svg
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={sentence}
          onPointerMove={follow}
          onPointerLeave={() => point(null)}
        >
          <defs>
            <clipPath id={`${id}-clip`}>
              <rect
                x={plot.left}
                y={plot.top}
                width={Math.max(0, room)}
                height={Math.max(0, plot.bottom - plot.top)}
              />
            </clipPath>
          </defs>
          <g className="axis">
            {yTicks.map(({ value, text }) => (
              <g key={text}>
                <line className="grid" x1={plot.left} x2={plot.right} y1={plot.y(value)} y2={plot.y(value)} />
                <text x={plot.left - 7} y={plot.y(value)} dy="0.32em" textAnchor="end">
                  {text}
                </text>
              </g>
            ))}
            {timeTicks(domain[0], domain[1], Math.max(2, room / 70)).map((tick) => (
              <text
                key={tick.at}
                x={plot.x(tick.at)}
                y={height - 6}
                textAnchor={anchorOf(plot.x(tick.at), plot)}
              >
                {tick.text}
              </text>
            ))}
            {unit !== undefined && unit !== '' && (
              <text x={2} y={11}>
                {unit}
              </text>
            )}
          </g>
          {children(plot)}
          {at !== null && at >= domain[0] && at <= domain[1] && (
            <line className="cursor" x1={plot.x(at)} x2={plot.x(at)} y1={plot.top} y2={plot.bottom} />
          )}
        </svg>
      </div>
      <ChartTable {...numbers} />
    </figure>
  )
}
