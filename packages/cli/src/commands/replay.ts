import { setTimeout as sleep } from 'node:timers/promises'
import type { Experiment } from '@fairtrial/protocol'
import { answer, type Console } from '../console.ts'
import { readDefinition } from '../definition-file.ts'
import { type ExitCode, exitCodeOfState, exitCodes } from '../exit-code.ts'
import type { LogPlace } from '../log-place.ts'
import { type Recording, readRecording } from '../replay/recorded-events.ts'
import { type Replay, replayRollout } from '../replay/replay-rollout.ts'
import { printable } from '../text/printable.ts'
import { replayText, turnLine } from '../text/replay-text.ts'

export type ReplayOptions = LogPlace & {
  /** Milliseconds between two looks. */
  readonly every: number
  /** Seconds of the recording in a second; default as fast as can be. */
  readonly speed?: number
  readonly phase: number
  readonly json?: boolean
}

/** `fairtrial replay`: what the controller would have done, look by look, had it run on what a log has recorded. */
export async function replay(console: Console, file: string, options: ReplayOptions): Promise<ExitCode> {
  const { every: everyMs, speed, phase, json = false, ...place } = options
  const experiment = await readDefinition(file)
  const recording = await readRecording(place)
  const replayed = await replayRollout(experiment, recording, {
    phase,
    everyMs,
    onTurn(turn) {
      if (!json) console.stdout.write(`${printable(turnLine(experiment, turn))}\n`)
    },
    pace: async () => {
      if (speed !== undefined) await sleep(everyMs / speed)
    },
  })
  const told = replayed && {
    ...replayed,
    exposuresAfterEnd: exposuresAfterEnd(experiment, recording, replayed),
  }
  const { received, events } = recording
  const document = {
    schema: 'fairtrial.replay/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    phase,
    everyMs,
    events: events.length,
    timedBy: { receipt: received, producers: events.length - received },
    looks: told?.looks ?? 0,
    from: told?.from ?? null,
    to: told?.to ?? null,
    turns: told?.turns ?? [],
    transitions: told?.transitions ?? [],
    exposuresAfterEnd: told?.exposuresAfterEnd ?? 0,
    state: told?.last?.state ?? null,
    decision: told?.last?.decision ?? null,
  }
  answer(console, { json }, document, () => replayText(experiment, recording, everyMs, told))
  return told?.last?.state ? exitCodeOfState(told.last.state) : exitCodes.inconclusive
}

/** Exposures to a treatment that was no longer served in the replay. */
function exposuresAfterEnd(
  { key, fingerprint, control }: Experiment,
  { events }: Recording,
  { last, to }: Replay,
): number {
  const status = last?.state?.status
  if (status !== 'aborted' && status !== 'stopped') return 0
  return events.filter(
    ({ at, event }) =>
      at > to &&
      event.schema === 'fairtrial.exposure/1' &&
      event.experiment === key &&
      event.fingerprint === fingerprint &&
      event.variant !== control,
  ).length
}
