import type { Audit } from '../audit.ts'
import type { Tolerance } from '../tolerance.ts'
import { stallFinding } from './stall.ts'
import { sayCount, sayDuration } from '../words.ts'
import type { Found } from '../found.ts'

/** Whether there is anything to look at, and whether it is of now. `decide` takes what is not there for missing evidence. */
export function freshnessFindings(audit: Audit, asOf: number, tolerance: Tolerance): Found[] {
  const { counts, arrivals } = audit
  const { newestEventAt, newestExposureAt } = arrivals
  const evidence = { events: counts.events, newestEventAt, newestExposureAt, asOf }
  if (counts.events === 0) {
    const remedy = 'See that recorders are open, and that they and this reader mean the same log.'
    return [{ code: 'no-data', severity: 'caution', detail: 'The log holds no event.', remedy, evidence }]
  }
  if (newestEventAt === null || newestExposureAt === null) {
    return [
      {
        code: 'no-traffic',
        severity: 'caution',
        detail: `The log holds ${sayCount(counts.events, 'event')}, and none is an exposure of this definition and phase that counts.`,
        remedy:
          'See that services serve this experiment, and call expose where the arm takes effect; what the audit leaves out, it tells beside this.',
        evidence,
      },
    ]
  }
  const { maximumDataAge } = tolerance
  const age = asOf - newestEventAt
  const remedy = 'See that services are up, and how far the log lags behind them.'
  // A time that lies ahead says nothing about how old the data are.
  if (!(Math.abs(age) <= maximumDataAge)) {
    const where = age > 0 ? 'old' : 'ahead of the clock of this audit'
    const detail = `The newest event is ${sayDuration(Math.abs(age))} ${where}; at most ${sayDuration(maximumDataAge)} is allowed.`
    return [{ code: 'stale-data', severity: 'caution', detail, remedy, evidence }]
  }
  const stalled = stallFinding(arrivals, audit.experiment.ramp, asOf)
  if (stalled.length > 0) return stalled
  const stall = asOf - newestExposureAt
  if (stall <= maximumDataAge) return []
  const detail = `No exposure came for ${sayDuration(stall)}, while outcomes go on.`
  return [{ code: 'stale-data', severity: 'note', detail, remedy, evidence }]
}
