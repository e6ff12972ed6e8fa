import type { ServedReport } from '@fairtrial/protocol'
import type { InstanceRecord } from '@fairtrial/rollout'

/** An instance is forgotten this long after its last lease ended, when no proof can need it any more. */
const FORGET_AFTER_MS = 10 * 60_000

/** More instances than this are refused a lease: an unbounded list would be a way to fill the memory. */
const MAXIMUM_INSTANCES = 10_000

/** The instances that hold a lease, and what each last said that it has served. */
export interface Instances {
  /** Notes a lease; false when there is no room for another instance. */
  grant(instanceId: string, leaseEndsAt: number): boolean
  /** Notes a report, unless a newer one of the same instance is held; false as above. */
  report(report: ServedReport, receivedAt: number): boolean
  list(): readonly InstanceRecord[]
  forgetLapsed(now: number): void
}

export function createInstances(): Instances {
  const records = new Map<string, InstanceRecord>()

  function note(instanceId: string, change: Partial<InstanceRecord>): boolean {
    const held = records.get(instanceId)
    if (held === undefined && records.size >= MAXIMUM_INSTANCES) return false
    records.set(instanceId, { instanceId, leaseEndsAt: 0, report: null, ...held, ...change })
    return true
  }

  return {
    grant: (instanceId, leaseEndsAt) => note(instanceId, { leaseEndsAt }),
    report(report, receivedAt) {
      const held = records.get(report.instanceId)
      const named = report.experiments.map(({ experiment }) => experiment)
      const everNamed = [...new Set([...(held?.everNamed ?? []), ...named])]
      const newest =
        held?.report && !isNewer(report, held.report) ? {} : { report, reportReceivedAt: receivedAt }
      return note(report.instanceId, { ...newest, everNamed })
    },
    list: () => [...records.values()],
    forgetLapsed(now) {
      for (const [id, { leaseEndsAt }] of records) {
        if (leaseEndsAt + FORGET_AFTER_MS < now) records.delete(id)
      }
    },
  }
}

/** An instance that was started again under its old id counts from 1 again, but later. */
function isNewer(report: ServedReport, held: ServedReport): boolean {
  return report.sequence > held.sequence || report.reportedAt > held.reportedAt
}
