import { randomUUID } from 'node:crypto'
import { appendFile, mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { HistoryPoint } from '@fairtrial/rollout'
import { wholeLines } from '../trail/whole-lines.ts'

/**
 * Points on disk, a line each. Not synced: what a power failure takes is some seconds of a chart, and no decision
 * stands on it.
 */
export interface HistoryFile {
  append(point: HistoryPoint): void
  /** Writes all anew. */
  replace(points: readonly HistoryPoint[]): void
  /** After what was told before. */
  close(): Promise<void>
}

/** The points of a file, and the file. Lines that are no points are left out, and told. */
export async function openHistoryFile(
  path: string,
  log: (line: string) => void,
): Promise<{ readonly points: readonly HistoryPoint[]; readonly file: HistoryFile }> {
  await mkdir(dirname(path), { recursive: true })
  const points: HistoryPoint[] = []
  let unreadable = 0
  for await (const { bytes } of wholeLines(path)) {
    const point = readPoint(Buffer.from(bytes).toString())
    if (point === null) unreadable += 1
    else points.push(point)
  }
  if (unreadable > 0) log(`history: ${unreadable} lines of ${path} cannot be read and are left out.`)

  let turn: Promise<void> = Promise.resolve()
  let isFailing = false
  const inTurn = (write: () => Promise<void>) => {
    turn = turn.then(write).then(
      () => void (isFailing = false),
      (error: Error) => {
        if (!isFailing) log(`history: ${path} could not be written: ${error.message}`)
        isFailing = true
      },
    )
  }
  const replace = (all: readonly HistoryPoint[]) =>
    inTurn(async () => {
      const draft = `${path}.${randomUUID()}.draft`
      await writeFile(draft, all.map(lineOf).join(''))
      await rename(draft, path)
    })
  // Behind half a line nothing could be appended.
  replace(points)
  return {
    points,
    file: {
      append: (point) => inTurn(() => appendFile(path, lineOf(point))),
      replace,
      close: () => turn,
    },
  }
}

const lineOf = (point: HistoryPoint) => `${JSON.stringify(point)}\n`

function readPoint(line: string): HistoryPoint | null {
  try {
    const point = JSON.parse(line) as Partial<HistoryPoint> | null
    const isPoint = typeof point?.at === 'number' && typeof point.revision === 'number'
    return isPoint ? (point as HistoryPoint) : null
  } catch {
    return null
  }
}
