import { parentPort, workerData } from 'node:worker_threads'
import { measure } from './measure.ts'
import type { WorkerOptions } from './pool.ts'
import { rows } from './rows.ts'

const options = workerData as WorkerOptions

parentPort?.on('message', (name: string) => {
  const row = rows.find((each) => each.name === name)
  if (row === undefined) throw new Error(`no row is called ${name}`)
  parentPort?.postMessage(measure(row, options))
})
