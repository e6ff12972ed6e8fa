import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { MeasureOptions } from './measure.ts'
import type { Measurement, Row } from './row.ts'

/** What a worker is started with: it may be given the names of rows, one after another. */
export type WorkerOptions = Pick<MeasureOptions, 'seed' | 'isShort'>

/** How rows are shared out. */
export interface PoolOptions extends WorkerOptions {
  readonly workers: number
  /** Told of a row as it is done. */
  readonly onDone?: (measurement: Measurement) => void
}

/**
 * Measures rows in worker threads, each taking the next as it is free; rows about the same draws go to the same one. In the
 * order of the rows.
 */
export async function measureInParallel(
  rows: readonly Row[],
  { workers, onDone, ...options }: PoolOptions,
): Promise<Measurement[]> {
  const measurements = new Map<string, Measurement>()
  const queue = byDraws(rows)
  await Promise.all(
    Array.from({ length: Math.min(workers, queue.length) }, async () => {
      const worker = new Worker(new URL('start-worker.mjs', import.meta.url), { workerData: options })
      try {
        for (let names = queue.shift(); names !== undefined; names = queue.shift()) {
          for (const name of names) {
            worker.postMessage(name)
            const [measurement] = (await once(worker, 'message')) as [Measurement]
            measurements.set(name, measurement)
            onDone?.(measurement)
          }
        }
      } finally {
        await worker.terminate()
      }
    }),
  )
  return rows.map(({ name }) => measurements.get(name)!)
}

function byDraws(rows: readonly Row[]): (readonly string[])[] {
  const names = new Map<string, string[]>()
  for (const { name, draws = name } of rows) names.set(draws, [...(names.get(draws) ?? []), name])
  return [...names.values()]
}
