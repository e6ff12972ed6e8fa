import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { median } from './median.ts'

/** One call of the thing measured; `index` counts up, to rotate through prepared inputs. Its answer is kept alive. */
export type Call = (index: number) => unknown

/** A whole piece of work, for what cannot be timed call by call: a pipeline, a file, anything asynchronous. */
export interface Batch {
  /** Does the work once, start to end. Not timed: what `prepare` does before it. */
  run: () => Promise<void> | void
  /** How many items one run handles; times and bytes are told per item. */
  size: number
  prepare?: () => Promise<void> | void
}

/** What one subject took in the race, round by round. */
interface Timing {
  /** Nanoseconds a call (or a batch's item), one number a round, in the order of the rounds. */
  rounds: number[]
  /** Heap bytes allocated a call, the median of several samples; `undefined` for a batch. */
  bytesPerCall: number | undefined
}

/** The subjects of one race, by name. */
export type Timings<Name extends string = string> = Record<Name, Timing>

export interface RaceOptions {
  /** Rounds in which every subject runs once. Default 15. */
  rounds?: number
  /** How long a subject that is a function is called for in one round, in milliseconds. Default 40. */
  roundMs?: number
}

/**
 * Times subjects against each other: in every round each of them runs once, and every other round goes backwards, so
 * that a machine that slows down, or a neighbour that wakes up, meets all of them alike.
 */
export async function race<Name extends string>(
  subjects: Record<Name, Call | Batch>,
  { rounds = 15, roundMs = 40 }: RaceOptions = {},
): Promise<Timings<Name>> {
  const names = Object.keys(subjects) as Name[]
  const timings = {} as Timings<Name>
  const lap = {} as Record<Name, () => Promise<number>>
  for (const name of names) {
    const subject = subjects[name]
    lap[name] = typeof subject === 'function' ? warmCall(subject, roundMs) : await warmBatch(subject)
    const bytesPerCall = typeof subject === 'function' ? allocatedBytes(subject) : undefined
    timings[name] = { rounds: [], bytesPerCall }
  }
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      collectGarbage()
      timings[name].rounds.push(await lap[name]())
    }
  }
  return timings
}

function warmCall(call: Call, roundMs: number): () => Promise<number> {
  const loop = loopOver(call)
  let calls = 64
  let tookMs = 0
  while (tookMs < roundMs) {
    calls *= 2
    tookMs = millisecondsOf(() => loop(calls))
  }
  const lapCalls = Math.ceil((calls * roundMs) / tookMs)
  return async () => (millisecondsOf(() => loop(lapCalls)) * 1e6) / lapCalls
}

async function warmBatch({ run, size, prepare }: Batch): Promise<() => Promise<number>> {
  const lap = async () => {
    await prepare?.()
    const start = performance.now()
    await run()
    return ((performance.now() - start) * 1e6) / size
  }
  await lap()
  await lap()
  return lap
}

/**
 * A loop of its own for every subject. Sharing one would make its call site megamorphic: each subject would then pay
 * for the others, and a cheap floor would look dearer than it is.
 */
function loopOver(call: Call): (calls: number) => unknown {
  // oxlint-disable-next-line typescript/no-implied-eval -- the text is constant; only this gives each subject its own code
  const make = new Function(
    'call',
    'return (calls) => { let kept; for (let i = 0; i < calls; i++) kept = call(i); return kept }',
  ) as (call: Call) => (calls: number) => unknown
  return make(call)
}

/** Few enough calls that the young generation is not collected in between: collecting would hide what was allocated. */
const SAMPLED_CALLS = 1_000

function allocatedBytes(call: Call): number {
  const loop = loopOver(call)
  for (let warm = 0; warm < 20; warm++) loop(SAMPLED_CALLS)
  const idle = median(Array.from({ length: 15 }, () => heapGrowth(() => undefined)))
  const growth = median(Array.from({ length: 15 }, () => heapGrowth(() => loop(SAMPLED_CALLS))))
  return Math.max(0, growth - idle) / SAMPLED_CALLS
}

function heapGrowth(work: () => unknown): number {
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  work()
  return process.memoryUsage().heapUsed - before
}

function millisecondsOf(work: () => unknown): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
