import { ExperimentError, fingerprint, ReadinessReport } from '@fairtrial/protocol'
import type { Experiment, RolloutState } from '@fairtrial/protocol'
import type { Change } from './change.ts'
import { refused, refuseOver } from './refused-order.ts'
import { ageProblem, gateOf } from './start-gate.ts'

/** Makes it anew, whatever is wrong with it. */
const ANEW = 'Make it anew with `fairtrial ready`, of this definition.'

/**
 * A report that says that the definition may begin, for a phase that awaits its start; a newer one takes the place of one
 * that was given before.
 *
 * @throws ExperimentError `invalid-argument` for what is no report; `refused` for one of another definition, one that does
 *   not pass, and one that is too old or from the future
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
  const { madeAt } = report
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
  const problem = ageProblem(madeAt, now, gateOf(experiment).maximumAge)
  if (problem !== null) throw refused(`The report ${problem}.`, madeAt > now ? 'Set the clocks.' : ANEW)
  const change = { readiness: { by: given.by, at: now, madeAt, sha256: fingerprint(report) } }
  return { change, report }
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
