import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readSegments, type SegmentCursor } from '@fairtrial/exposure/segments'
import { auditReport, createAudit, foldAudit } from '@fairtrial/fidelity'
import { createFold, foldEvents, summaryOf } from '@fairtrial/metrics'
import { experiment } from './experiment.ts'

/** What a directory of segments holds in the end. */
export interface Landed {
  readonly units: ReadonlySet<string>
  /** Records that stand in it twice, by their offset. */
  readonly storedTwice: number
  /** Units by which the summary of the trial exceeds those that there are. */
  readonly countedTwice: number
  /** What the audit holds against it. */
  readonly findings: readonly string[]
}

/** Reads all of it, as an analysis would. */
export async function readLanded(directory: string): Promise<Landed> {
  const units = new Set<string>()
  const fold = createFold(experiment, { phase: 1 })
  const audit = createAudit(experiment, { phase: 1 })
  let asOf = 0
  let cursor: SegmentCursor | undefined
  for (;;) {
    const read = await readSegments(directory, cursor)
    foldEvents(fold, read.events)
    foldAudit(audit, read.events, { unreadableLines: read.unreadable.count, removed: read.removed })
    for (const event of read.events) {
      if (event.schema !== 'fairtrial.exposure/1') continue
      units.add(event.unitId)
      asOf = Math.max(asOf, event.exposedAt)
    }
    if (!read.more) break
    cursor = read.cursor
  }
  const counted = Object.values(summaryOf(fold, asOf).units).reduce((sum, n) => sum + n, 0)
  const { findings } = auditReport(audit, { asOf })
  return {
    units,
    storedTwice: await storedTwice(directory),
    countedTwice: counted - units.size,
    findings: findings
      .filter(({ severity }) => severity === 'broken')
      .map(({ code, detail }) => `The audit finds ${code}: ${detail}`),
  }
}

/** Lines with the offset of another line of their partition. */
async function storedTwice(directory: string): Promise<number> {
  const seen = new Map<string, Set<number>>()
  let twice = 0
  for (const name of await readdir(directory)) {
    if (!name.endsWith('.ndjson')) continue
    const text = await readFile(join(directory, name), 'utf8')
    for (const [, topic, partition, offset] of text.matchAll(SOURCE)) {
      const key = `${topic}/${partition}`
      const offsets = seen.get(key) ?? new Set()
      if (offsets.has(Number(offset))) twice++
      seen.set(key, offsets.add(Number(offset)))
    }
  }
  return twice
}

const SOURCE = /"kafka":\{"topic":"([^"]+)","partition":(\d+),"offset":(\d+)\}\}$/gm
