import type { Experiment } from '@fairtrial/protocol'
import type { HistoryPoint } from '@fairtrial/rollout'
import { sayStatus } from '../words/rollout-words.ts'
import { sayDuration } from '../words/times.ts'
import { stepPath } from './path.ts'
import { linearScale } from './scale.ts'
import { pointAt, thin } from './thin.ts'
import { TimeChart } from './time-chart.tsx'

/** What the ramp was at a time. */
export type RampPoint = Pick<HistoryPoint, 'at' | 'stage' | 'status' | 'trafficPercent'>

/** The top of the line, in percent: of what has shipped everybody. */
function reachOf({ status, trafficPercent }: Pick<RampPoint, 'status' | 'trafficPercent'>): number {
  return status === 'shipped' || status === 'baking' ? 100 : trafficPercent
}

/** Of a stretch that bakes, the share that stays in the trial. */
function holdbackOf({ status, trafficPercent }: Pick<RampPoint, 'status' | 'trafficPercent'>): number {
  return status === 'baking' ? trafficPercent : 0
}

/** Whom a stretch reaches, in words: `50 %`, or `80 % shipped, 20 % in the trial`. */
function sayReach(point: Pick<RampPoint, 'status' | 'trafficPercent'>): string {
  const holdback = holdbackOf(point)
  return holdback > 0 ? `${100 - holdback} % shipped, ${holdback} % in the trial` : `${reachOf(point)} %`
}

/** A stretch of the ramp in which nothing changed. */
interface Stretch extends RampPoint {
  readonly to: number
}

/** The share of units in the trial over time, and in what status: the planned stages are the rungs. */
export function RampChart({
  experiment,
  points,
  domain,
}: {
  readonly experiment: Pick<Experiment, 'ramp'>
  readonly points: readonly RampPoint[]
  readonly domain: readonly [from: number, to: number]
}) {
  const stretches = stretchesOf(points, domain[1])
  const { stages } = experiment.ramp
  const newest = points.at(-1) ?? null
  const rungs = [...new Set([0, ...stages.map(({ trafficPercent }) => trafficPercent)])]
  const top = Math.max(...rungs, ...points.map(reachOf))

  return (
    <TimeChart
      title="Ramp"
      isWide
      sentence={`The ramp: ${stretches.map((stretch) => `${sayStatus(stretch.status).word.toLowerCase()} at ${sayReach(stretch)} for ${sayDuration(stretch.to - stretch.at)}`).join(', then ') || 'not begun'}.`}
      domain={domain}
      height={170}
      yTicks={spaced(rungs, top).map((value) => ({ value, text: `${value} %` }))}
      yScale={([bottom, ceiling]) => linearScale([0, top], [bottom - 16, ceiling])}
      readout={(at) => {
        const point = at === null ? newest : pointAt(points, at)
        return point === null
          ? 'not begun'
          : `stage ${point.stage + 1} of ${stages.length} · ${sayReach(point)} · ${sayStatus(point.status).word.toLowerCase()}`
      }}
      numbers={{
        caption: 'The ramp over time',
        columns: ['Since the start', 'Lasted', 'Status', 'Stage', 'Reach'],
        rows: thin(stretches, 60).map(({ at, to, status, stage, ...stretch }) => [
          sayDuration(at - domain[0]),
          sayDuration(to - at),
          sayStatus(status).word,
          `${stage + 1}`,
          sayReach({ status, ...stretch }),
        ]),
      }}
    >
      {({ x, y, bottom }) => (
        <>
          {stretches.map(({ at, to, status, stage, ...stretch }) => {
            const { tone, word } = sayStatus(status)
            const label = status === 'running' ? `Stage ${stage + 1}` : word
            const reach = reachOf({ status, ...stretch })
            const holdback = holdbackOf({ status, ...stretch })
            const width = Math.max(1, x(to) - x(at))
            return (
              <g key={at} className={`stretch tone-${tone}`}>
                <rect className="fill" x={x(at)} y={y(reach)} width={width} height={y(0) - y(reach)} />
                {holdback > 0 && (
                  <rect
                    className="holdback"
                    x={x(at)}
                    y={y(reach)}
                    width={width}
                    height={y(reach - holdback) - y(reach)}
                  />
                )}
                <rect className="strip" x={x(at)} y={bottom - 12} width={width} height="5" />
                {holdback > 0 && width > 150 && (
                  <text className="on-line" x={x(at) + 6} y={y(reach - holdback / 2) + 4}>
                    {holdback} % in the trial
                  </text>
                )}
                {width > 8 * label.length && (
                  <text className="on-line" x={x(at) + 6} y={y(0) - y(reach) > 20 ? y(0) - 6 : y(reach) - 6}>
                    {label}
                  </text>
                )}
              </g>
            )
          })}
          <path
            className="ramp-line"
            d={stepPath(
              [
                ...stretches.map((stretch) => ({ at: stretch.at, value: reachOf(stretch) })),
                ...(newest === null ? [] : [{ at: domain[1], value: reachOf(newest) }]),
              ],
              x,
              y,
            )}
          />
        </>
      )}
    </TimeChart>
  )
}

/** Joins points of the same status, stage and traffic. */
export function stretchesOf(points: readonly RampPoint[], until: number): Stretch[] {
  const stretches: Stretch[] = []
  for (const { at, stage, status, trafficPercent } of points) {
    const last = stretches.at(-1)
    if (last !== undefined) stretches[stretches.length - 1] = { ...last, to: at }
    const isSame =
      last !== undefined &&
      last.status === status &&
      last.stage === stage &&
      last.trafficPercent === trafficPercent
    if (!isSame) stretches.push({ at, to: at, stage, status, trafficPercent })
  }
  const last = stretches.at(-1)
  if (last !== undefined) stretches[stretches.length - 1] = { ...last, to: Math.max(last.to, until) }
  return stretches
}

/** Rungs that have room for their words, the top one first. */
function spaced(rungs: readonly number[], top: number): number[] {
  const kept: number[] = []
  for (const rung of rungs.toSorted((a, b) => b - a)) {
    if (kept.every((other) => Math.abs(other - rung) >= top * 0.11)) kept.push(rung)
  }
  return kept
}
