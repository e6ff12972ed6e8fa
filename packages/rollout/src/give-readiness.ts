import { ExperimentError, fingerprint, ReadinessReport } from '@fairtrial/protocol'
import type { Experiment, GivenReadiness, RolloutState } from '@fairtrial/protocol'
import type { Change } from './change.ts'
import { refused, refuseOver } from './refused-order.ts'
import { timeProblem } from './start-gate.ts'
import { sayDuration } from './words.ts'

/** Makes it anew, whatever is wrong with it. */
const ANEW = 'Make it anew with `fairtrial ready`, of this definition.'

/**
 * A report that says that the definition may begin, for a phase that awaits its start; a newer one takes the place of one
 * that was given before, and nobody has approved of it yet.
 *
 * @throws ExperimentError `invalid-argument` for what is no report; `refused` for one of another definition, one that does
 *   not pass, one that is too old or from the future, and one so soon after another
 */
export function givingReadiness(
  experiment: Experiment,
  state: RolloutState,
  given: { readonly by: string; readonly report: unknown },
  now: number,
): { readonly change: Change; readonly report: ReadinessReport } {
  refuseOver(state, 'start')
  const { key } = experiment
  if (state.awaitsStart !== true) {
    throw refused(`${key} has started: it is ${state.status}, and awaits no report.`, 'Nothing is to do.')
  }
  const report = readReport(key, given.report)
  const { madeAt, oldestEvidenceAt } = report
  if (report.experiment !== key || report.fingerprint !== experiment.fingerprint) {
    throw refused(
      `The report is of ${report.experiment}, ${report.fingerprint.slice(0, 12)}; the definition in hand is ${key}, ${experiment.fingerprint.slice(0, 12)}.`,
      ANEW,
    )
  }
  const failed = report.checks.filter(({ passed }) => !passed)
  if (!report.ready) {
    throw refused(
      `The report says that ${key} is not ready. ${failed.map(({ check, detail }) => `${check}: ${detail}`).join(' ')}`,
      `${failed.map(({ remedy }) => remedy).join(' ')} ${ANEW}`.trim(),
    )
  }
  const problem = timeProblem(experiment, state, report, now)
  if (problem !== null) throw refused(`The report ${problem}.`, madeAt > now ? 'Set the clocks.' : ANEW)
  const sha256 = fingerprint(report)
  const before = state.readiness ?? null
  if (before !== null) refuseNoNewer(before, { madeAt, sha256 }, now)
  const readiness = {
    by: given.by,
    at: now,
    madeAt,
    ...(oldestEvidenceAt !== undefined && { oldestEvidenceAt }),
    sha256,
  }
  // Who has approved, has seen the one before.
  return { change: { readiness, ...(before !== null && { approvals: [] }) }, report }
}

/** Each one stays in the journal for good. */
const AT_MOST_EVERY_MS = 60_000

function refuseNoNewer(
  before: GivenReadiness,
  { madeAt, sha256 }: Pick<GivenReadiness, 'madeAt' | 'sha256'>,
  now: number,
): void {
  if (sha256 === before.sha256) throw refused(`${before.by} has given this very report.`, 'Nothing is to do.')
  if (madeAt < before.madeAt) {
    throw refused(`The report is older than the one that ${before.by} has given.`, ANEW)
  }
  const since = now - before.at
  if (since < 0 || since >= AT_MOST_EVERY_MS) return
  throw refused(
    `${before.by} gave a report ${sayDuration(since)} ago, and one a minute is taken.`,
    `Give it in ${sayDuration(AT_MOST_EVERY_MS - since)}.`,
  )
}

function readReport(key: string, report: unknown): ReadinessReport {
  const parsed = ReadinessReport.safeParse(report)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'all'}: ${message}`)
  throw new ExperimentError(
    'invalid-argument',
    `What was given of ${key} is no readiness report. ${problems.slice(0, 5).join(' ')}`,
    'Give the document that `fairtrial ready` has written.',
  )
}
