import type { ServedReport } from '@fairtrial/protocol'
import type { InstanceRecord } from '@fairtrial/rollout'

/** An instance whose lease ended this long ago has fallen silent: it is forgotten, where that bounds what it serves. */
const FORGET_AFTER_MS = 10 * 60_000

/** More instances than this are refused a lease: an unbounded list would be a way to fill the memory. */
const MAXIMUM_INSTANCES = 10_000

/** More that have fallen silent, and may serve on, are not kept either; that there were more is. */
const MAXIMUM_SILENT = 10_000

/** The instances that were given state, and what each last said that it has served. */
export interface Instances {
  /** Notes a lease; false when there is no room for another instance. */
  grant(instanceId: string, leaseEndsAt: number): boolean
  /** Notes a report, unless a newer one of the same instance is held; false as above. */
  report(report: ServedReport, receivedAt: number): boolean
  /** Those that hold a lease or lately held one, and those that have fallen silent and may serve on. */
  list(): readonly InstanceRecord[]
  /** How many hold a lease or lately held one. */
  count(): number
  /** Since when nobody who may serve on has been forgotten: the end of that one's lease, or minus infinity. */
  completeSince(): number
  forgetLapsed(now: number): void
}

/** @param keepServing experiments whose instances no lease bounds: who may serve one of them is not forgotten */
export function createInstances(keepServing: ReadonlySet<string> = new Set()): Instances {
  const records = new Map<string, InstanceRecord>()
  const silent = new Map<string, InstanceRecord>()
  let completeSince = Number.NEGATIVE_INFINITY

  function note(instanceId: string, change: Partial<InstanceRecord>): boolean {
    const held = records.get(instanceId) ?? silent.get(instanceId)
    if (!records.has(instanceId) && records.size >= MAXIMUM_INSTANCES) return false
    records.set(instanceId, { instanceId, leaseEndsAt: 0, report: null, ...held, ...change })
    silent.delete(instanceId)
    return true
  }

  /** Who has never said what it serves may serve anything. */
  const mayServeOn = ({ report, everNamed = [] }: InstanceRecord) =>
    report === null ? keepServing.size > 0 : everNamed.some((name) => keepServing.has(name))

  function keepSilent(record: InstanceRecord): void {
    silent.set(record.instanceId, record)
    const [first] = silent.values()
    if (first === undefined || silent.size <= MAXIMUM_SILENT) return
    silent.delete(first.instanceId)
    completeSince = Math.max(completeSince, first.leaseEndsAt)
  }

  return {
    grant: (instanceId, leaseEndsAt) => note(instanceId, { leaseEndsAt }),
    report(report, receivedAt) {
      const held = records.get(report.instanceId) ?? silent.get(report.instanceId)
      const named = report.experiments.map(({ experiment }) => experiment)
      const everNamed = [...new Set([...(held?.everNamed ?? []), ...named])]
      const newest =
        held?.report && !isNewer(report, held.report) ? {} : { report, reportReceivedAt: receivedAt }
      return note(report.instanceId, { ...newest, everNamed })
    },
    list: () => [...records.values(), ...silent.values()],
    count: () => records.size,
    completeSince: () => completeSince,
    forgetLapsed(now) {
      for (const [id, record] of records) {
        if (record.leaseEndsAt + FORGET_AFTER_MS >= now) continue
        records.delete(id)
        if (mayServeOn(record)) keepSilent(record)
      }
    },
  }
}

/** An instance that was started again under its old id counts from 1 again, but later. */
function isNewer(report: ServedReport, held: ServedReport): boolean {
  return report.sequence > held.sequence || report.reportedAt > held.reportedAt
}
