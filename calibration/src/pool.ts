import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { MeasureOptions } from './measure.ts'
import type { Measurement } from './row.ts'

/** What a worker is started with: it may be given the names of rows, one after another. */
export type WorkerOptions = Pick<MeasureOptions, 'seed' | 'isShort'>

/** How rows are shared out. */
export interface PoolOptions extends WorkerOptions {
  readonly workers: number
  /** Told of a row as it is done. */
  readonly onDone?: (measurement: Measurement) => void
}

/** Measures the named rows in worker threads, each taking the next one as it is free; in the order of the names. */
export async function measureInParallel(
  names: readonly string[],
  { workers, onDone, ...options }: PoolOptions,
): Promise<Measurement[]> {
  const measurements = new Map<string, Measurement>()
  const queue = [...names]
  await Promise.all(
    Array.from({ length: Math.min(workers, names.length) }, async () => {
      const worker = new Worker(new URL('start-worker.mjs', import.meta.url), { workerData: options })
      try {
        for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
          worker.postMessage(name)
          const [measurement] = (await once(worker, 'message')) as [Measurement]
          measurements.set(name, measurement)
          onDone?.(measurement)
        }
      } finally {
        await worker.terminate()
      }
    }),
  )
  return names.map((name) => measurements.get(name)!)
}
