import type { ProducerReport } from '@fairtrial/protocol'
import type { Audit } from './audit.ts'
import { addTo, zerosFor } from './by-arm.ts'

/** From a recorder's queue to a log. */
const TRANSPORT_MS = 60_000

/** Gaps that are there since before then will not close: what is on its way has come by now, partition by partition. */
export function settledBefore({ maximumLateness }: Audit, asOf: number): number {
  return asOf - maximumLateness - TRANSPORT_MS
}

/** Whether what was numbered before this account must have arrived by now: all but what the producer still keeps. */
export function isSettled(report: ProducerReport, audit: Audit, asOf: number): boolean {
  if (report.isFinal && report.pending > 0) return false
  return report.reportedAt < settledBefore(audit, asOf)
}

/** What producers say of themselves, all together. By arm, in the order of the variants. */
export interface ReportedCounts {
  readonly producers: number
  /** Assignments served, by producers that see them. */
  readonly assigned: number[]
  /** Exposures offered by these producers: what `assigned` is held against. */
  readonly offeredOfAssigned: number[]
  readonly offered: number[]
  readonly deduplicated: number[]
  readonly dropped: number[]
  /** Of events of every experiment. */
  readonly droppedByReason: { readonly [reason: string]: number }
}

/** The newest account of each producer, added up over the arms under audit. */
export function countReported(audit: Audit): ReportedCounts {
  const { experiment, armIndex, phase: audited } = audit
  const zeros = () => zerosFor(experiment)
  const [assigned, offeredOfAssigned] = [zeros(), zeros()]
  const [offered, deduplicated, dropped] = [zeros(), zeros(), zeros()]
  const droppedByReason: Record<string, number> = {}
  let producers = 0
  for (const { report } of audit.producers.values()) {
    if (report === null) continue
    producers += 1
    for (const [reason, count] of Object.entries(report.dropped))
      droppedByReason[reason] = (droppedByReason[reason] ?? 0) + count
    for (const reported of report.arms) {
      const arm = armIndex.get(reported.variant)
      const isAudited = audited === null || reported.phase === audited
      if (arm === undefined || !isAudited || reported.experiment !== experiment.key) continue
      addTo(offered, arm, reported.offered)
      addTo(deduplicated, arm, reported.deduplicated)
      addTo(dropped, arm, reported.dropped)
      if (reported.assigned === undefined) continue
      addTo(assigned, arm, reported.assigned)
      addTo(offeredOfAssigned, arm, reported.offered)
    }
  }
  return { producers, assigned, offeredOfAssigned, offered, deduplicated, dropped, droppedByReason }
}
