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
  /** Notes a report, unless a newer one of the same instance is held. */
  report(report: ServedReport): void
  list(): readonly InstanceRecord[]
  forgetLapsed(now: number): void
}

export function createInstances(): Instances {
  const records = new Map<string, InstanceRecord>()
  const upsert = (instanceId: string, change: Partial<InstanceRecord>): boolean => {
    const held = records.get(instanceId)
    if (held === undefined && records.size >= MAXIMUM_INSTANCES) return false
    records.set(instanceId, { instanceId, leaseEndsAt: 0, report: null, ...held, ...change })
    return true
  }
  return {
    grant: (instanceId, leaseEndsAt) => upsert(instanceId, { leaseEndsAt }),
    report(report) {
      const held = records.get(report.instanceId)?.report
      if (held && held.sequence >= report.sequence) return
      upsert(report.instanceId, { report })
    },
    list: () => [...records.values()],
    forgetLapsed(now) {
      for (const [id, { leaseEndsAt }] of records) {
        if (leaseEndsAt + FORGET_AFTER_MS < now) records.delete(id)
      }
    },
  }
}
