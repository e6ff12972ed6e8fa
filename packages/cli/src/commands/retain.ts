import { userInfo } from 'node:os'
import { segmentRetention } from '@fairtrial/exposure/segments'
import { ExperimentError } from '@fairtrial/protocol'
import { answer, type Console } from '../console.ts'
import { requireDirectory } from '../log-directory.ts'
import { holdAgainstPlane } from '../retention/hold-against-plane.ts'
import { whatRuns } from '../retention/what-runs.ts'
import { type RetentionReport, retentionText } from '../text/retention-text.ts'

export interface RetainOptions {
  /** Milliseconds. */
  readonly olderThan: number
  readonly state?: string
  /** Experiments of which no phase runs, though no state tells so; true: none of any. */
  readonly nothingRuns?: true | readonly string[]
  readonly dryRun?: boolean
  readonly trustClock?: boolean
  readonly by?: string
  readonly json?: boolean
}

/** `fairtrial retain DIR`: removes what a log has kept for long enough, and says what stays, and why. */
export async function retain(console: Console, directory: string, options: RetainOptions): Promise<void> {
  await requireDirectory(directory)
  const { olderThan: olderThanMs, dryRun: isDryRun = false, trustClock: trustsClock = false } = options
  const { by = userInfo().username, nothingRuns = [] } = options
  const now = console.now()
  const runs = await whatRuns(directory, options.state)
  const release = isDryRun ? async () => undefined : await holdAgainstPlane(directory, runs.states)
  try {
    const unknown = new Set<string>()
    const notRunning = new Set<string>()
    const isSaid = (key: string) => nothingRuns === true || nothingRuns.includes(key)
    const run = await segmentRetention(directory).run({
      olderThanMs,
      now,
      by,
      isDryRun,
      trustsClock,
      experiments: runs.experiments,
      async runningSince(experiment) {
        const { isKnown, since } = await runs.of(experiment)
        if (since === null) (isKnown || isSaid(experiment) ? notRunning : unknown).add(experiment)
        return since
      },
      // Called where something is about to go, and nothing has.
      async announce() {
        const nobodySays = !runs.knowsAny && nothingRuns !== true && ![...notRunning].some(isSaid)
        if (unknown.size > 0 || nobodySays) throw unknownStates([...unknown].toSorted(), runs.states)
      },
    })
    const report: RetentionReport = {
      schema: 'fairtrial.retention/1',
      directory,
      states: runs.states,
      isDryRun,
      asOf: now,
      olderThanMs,
      ...run,
      notRunning: [...notRunning].toSorted(),
      unknown: [...unknown].toSorted(),
    }
    answer(console, options, report, () => retentionText(report))
  } finally {
    await release()
  }
}

/** Evidence of a phase that runs would go, and nobody has said that none does. */
function unknownStates(keys: readonly string[], states: string | null): ExperimentError {
  const where = states === null ? 'there is no folder of states' : `${states} holds no state of that`
  const what = keys.length === 0 ? 'what this log is of' : keys.join(', ')
  const say = keys.length === 0 ? '--nothing-runs' : keys.map((key) => `--nothing-runs ${key}`).join(' ')
  return new ExperimentError(
    'invalid-argument',
    `Nobody knows whether a phase of ${what} runs: ${where}. Nothing was removed.`,
    `Name the states by --state. Where they are in PostgreSQL, let the control plane do it, by its --retain. Where none runs, say so: ${say}.`,
  )
}
