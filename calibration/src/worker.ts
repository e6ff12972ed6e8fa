import { parentPort, workerData } from 'node:worker_threads'
import { measure } from './measure.ts'
import type { WorkerOptions } from './pool.ts'
import { rows } from './rows.ts'

const options = workerData as WorkerOptions

parentPort?.on('message', (name: string) => void answer(name))

async function answer(name: string): Promise<void> {
  const row = rows.find((each) => each.name === name)
  if (row === undefined) throw new Error(`no row is called ${name}`)
  parentPort?.postMessage(await measure(row, options))
}
