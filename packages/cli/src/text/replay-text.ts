import type { Experiment } from '@fairtrial/protocol'
import type { Recording } from '../replay/recorded-events.ts'
import type { Replay, ReplayedTurn } from '../replay/replay-rollout.ts'
import { sayCount } from './numbers.ts'
import { stateLine } from './state-line.ts'
import { wrap } from './wrap.ts'

/** What the controller does now, in a line: when, where the rollout stands, what and why. */
export function turnLine({ ramp }: Experiment, { at, state, action, reason }: ReplayedTurn): string {
  const { status, stage, trafficPercent } = state
  return [
    new Date(at).toISOString(),
    status.padEnd(7),
    `stage ${stage + 1}/${ramp.stages.length}`,
    `${trafficPercent} %`.padStart(5),
    `${action}: ${reason}`,
  ].join('  ')
}

/** What there is to know of a replay besides its turns. */
export function replayText(
  experiment: Experiment,
  { events, received }: Recording,
  everyMs: number,
  replayed: (Replay & { readonly exposuresAfterEnd: number }) | null,
): string {
  if (replayed === null) return `${experiment.key}: no exposure of that phase is recorded; nothing to replay.`
  const { looks, to, last, exposuresAfterEnd } = replayed
  const byProducers = events.length - received
  const times = [
    ...(received > 0 ? [`${sayCount(received)} as of when they were received`] : []),
    ...(byProducers > 0 ? [`${sayCount(byProducers)} as of when they happened, by their producers`] : []),
  ].join(', ')
  const state = last?.state
  return [
    '',
    wrap(
      `${experiment.key}: ${sayCount(looks)} looks, one every ${everyMs / 1_000} s; ${sayCount(events.length)} events, ${times}.`,
      '',
      '  ',
    ),
    ...(state
      ? [wrap(`At ${new Date(to).toISOString()}: ${stateLine(state, experiment.ramp.stages.length)}.`, '  ')]
      : []),
    wrap(
      'The traffic is that of the recording, whatever the replay decides: a stage of the replay enrols nobody.',
      '  ',
    ),
    ...(exposuresAfterEnd > 0
      ? [
          wrap(
            `${sayCount(exposuresAfterEnd)} exposures to a treatment came after that, because the recording went on; under this controller they would have been control.`,
            '  ',
          ),
        ]
      : []),
  ].join('\n')
}
