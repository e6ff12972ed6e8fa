import { Worker } from 'node:worker_threads'
import { type Portion, runPortion } from './run-portion.ts'
import type { TrialEnd } from './run-trial.ts'
import type { SimulatedPlan } from './simulated-plan.ts'

/** How many trials a worker is given at a time. */
const PORTION = 25

/** How trials are run. */
export interface RunOptions {
  readonly trials: number
  readonly seed: number
  /** Worker threads; 0 runs the trials in this one. The result is the same. */
  readonly workers: number
  /** Told how many more trials are done. */
  readonly onTrials: (done: number) => void
}

/** All trials of one world, in their order. Rejects when a worker fails; the others are ended then. */
export async function runTrials(
  plan: SimulatedPlan,
  { trials, seed, workers, onTrials }: RunOptions,
): Promise<readonly TrialEnd[]> {
  const portions: Portion[] = []
  for (let from = 0; from < trials; from += PORTION) {
    portions.push({ plan, seed, from, to: Math.min(trials, from + PORTION) })
  }
  const ends: (readonly TrialEnd[])[] = []
  let next = 0
  const finish = (at: number, done: readonly TrialEnd[]) => {
    ends[at] = done
    onTrials(done.length)
  }
  if (workers === 0) {
    for (; next < portions.length; next++) finish(next, runPortion(portions[next]!))
    return ends.flat()
  }
  const crew = Array.from({ length: Math.min(workers, portions.length) }, startWorker)
  try {
    await Promise.all(
      crew.map(async (worker) => {
        for (let at = next++; at < portions.length; at = next++) finish(at, await ask(worker, portions[at]!))
      }),
    )
  } finally {
    await Promise.all(crew.map((worker) => worker.terminate()))
  }
  return ends.flat()
}

function startWorker(): Worker {
  const isSource = import.meta.url.endsWith('.ts')
  return new Worker(new URL(isSource ? './source-worker.mjs' : './worker.js', import.meta.url))
}

function ask(worker: Worker, portion: Portion): Promise<readonly TrialEnd[]> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      worker.off('message', take)
      worker.off('error', refuse)
    }
    const take = (ends: readonly TrialEnd[]) => (settle(), resolve(ends))
    const refuse = (error: Error) => (settle(), reject(error))
    worker.on('message', take)
    worker.on('error', refuse)
    worker.postMessage(portion)
  })
}
