import { stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { segmentRetention } from '@fairtrial/exposure/segments'
import { ExperimentError } from '@fairtrial/protocol'
import { fileStateStore, runningSince } from '@fairtrial/rollout/controller'
import { answer, type Console } from '../console.ts'
import { requireDirectory } from '../log-directory.ts'
import { type RetentionReport, retentionText } from '../text/retention-text.ts'

export interface RetainOptions {
  /** Milliseconds. */
  readonly olderThan: number
  readonly state?: string
  readonly dryRun?: boolean
  readonly trustClock?: boolean
  readonly by?: string
  readonly json?: boolean
}

/** `fairtrial retain DIR`: removes what a log has kept for long enough, and says what stays, and why. */
export async function retain(console: Console, directory: string, options: RetainOptions): Promise<void> {
  await requireDirectory(directory)
  const { olderThan: olderThanMs, dryRun: isDryRun = false, trustClock: trustsClock = false } = options
  const { by = userInfo().username } = options
  const states = await statesOf(directory, options.state)
  const store = states === null ? null : fileStateStore({ directory: states })
  const notRunning: string[] = []
  const run = await segmentRetention(directory).run({
    olderThanMs,
    now: console.now(),
    by,
    isDryRun,
    trustsClock,
    async runningSince(experiment) {
      const since = store === null ? null : await runningSince(store, experiment)
      if (since === null) notRunning.push(experiment)
      return since
    },
  })
  const report: RetentionReport = {
    schema: 'fairtrial.retention/1',
    directory,
    states,
    isDryRun,
    olderThanMs,
    ...run,
    notRunning: notRunning.toSorted(),
  }
  answer(console, options, report, () => retentionText(report))
}

/** Where the states are: what was named must be there. */
async function statesOf(log: string, named: string | undefined): Promise<string | null> {
  const path = named ?? join(dirname(resolve(log)), 'state')
  const isThere = (await stat(path).catch(() => null))?.isDirectory() === true
  if (isThere) return path
  if (named === undefined) return null
  throw new ExperimentError(
    'invalid-argument',
    `--state ${named} is no directory.`,
    'Give the folder state of the data directory of a control plane, or leave it out where no trial runs.',
  )
}
