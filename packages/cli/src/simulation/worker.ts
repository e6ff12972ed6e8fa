import { parentPort } from 'node:worker_threads'
import { type Portion, runPortion } from './run-portion.ts'

// One portion after another, as they are asked for.
parentPort?.on('message', (portion: Portion) => parentPort?.postMessage(runPortion(portion)))
