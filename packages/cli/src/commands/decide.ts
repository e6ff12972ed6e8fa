import { startRollout, transition, ungated } from '@fairtrial/rollout'
import { answer, type Console } from '../console.ts'
import { readDefinition } from '../definition-file.ts'
import { type ExitCode, exitCodeOfAnalysis } from '../exit-code.ts'
import type { LogPlace } from '../log-place.ts'
import { readLookFile } from '../look-file.ts'
import { readStateFile } from '../state-file.ts'
import { takeLook } from '../take-look.ts'
import { stateLine } from '../text/state-line.ts'
import { summaryText } from '../text/summary-text.ts'
import { wrap } from '../text/wrap.ts'

export type DecideOptions = LogPlace & {
  /** Of the rollout. Default: it began with the first exposure, and is in its first stage. */
  readonly state?: string
  /** Epoch milliseconds; default now. */
  readonly at?: number
  /** File of the looks so far; read only. */
  readonly looks?: string
  readonly json?: boolean
}

/** `fairtrial decide`: what the controller would do now, by the same functions, and nothing is done. */
export async function decide(console: Console, file: string, options: DecideOptions): Promise<ExitCode> {
  const { at = console.now(), state: stateFile, looks, json = false, ...place } = options
  const experiment = await readDefinition(file)
  const given = stateFile === undefined ? undefined : await readStateFile(stateFile, experiment)
  const look = await takeLook(
    experiment,
    { ...place, look: 'scheduled', phase: given?.phase ?? 1 },
    {
      now: at,
      ledger: looks === undefined ? undefined : await readLookFile(looks),
      stateSince: (since) => given ?? startRollout(ungated(experiment), since),
    },
  )
  const { evaluation, audit, state, decision } = look
  const next = transition(experiment, state, decision, { now: at, by: 'controller' })
  const document = {
    schema: 'fairtrial.dry-run/1',
    experiment: experiment.key,
    state,
    decision,
    transition: next,
    evaluation,
    audit,
  }
  answer(console, { json }, document, () => {
    const { stages } = experiment.ramp
    const becomes = next === null ? 'It would stay.' : `It would be ${stateLine(next.to, stages.length)}.`
    return [
      wrap(`${experiment.key} is ${stateLine(state, stages.length)}`, '', '  '),
      wrap(`${becomes} Nothing is written: this is a dry run.`, '  '),
      '',
      summaryText(experiment, look),
    ].join('\n')
  })
  return exitCodeOfAnalysis(evaluation, audit, decision)
}
