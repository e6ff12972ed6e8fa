/** Stretches of sequence numbers that have arrived from one producer. */
export interface SequenceTrace {
  /** Ascending, disjoint, never touching; the gaps between them, and before the first, are what is missing. */
  readonly runs: { from: number; to: number }[]
  /** Numbers given up: gaps so old that their stretches are no longer told apart. */
  missingForGood: number
}

/** Gaps that are told apart for one producer; beyond, the oldest count as lost for good. */
const MAXIMUM_RUNS = 4_096

export function createSequenceTrace(): SequenceTrace {
  return { runs: [], missingForGood: 0 }
}

/**
 * Notes a sequence number. Numbers come in order but for retries, so nearly every one extends the last run.
 *
 * @returns whether it is there for the first time
 */
export function traceSequence(trace: SequenceTrace, sequence: number): boolean {
  if (!Number.isSafeInteger(sequence) || sequence < 1) return true
  const { runs } = trace
  let index = runs.length
  while (index > 0 && (runs[index - 1]?.from ?? 0) > sequence) index--
  const before = runs[index - 1]
  const after = runs[index]
  if (before !== undefined && sequence <= before.to) return false
  const extendsBefore = before?.to === sequence - 1
  const extendsAfter = after?.from === sequence + 1
  if (extendsBefore && extendsAfter) {
    before.to = after.to
    runs.splice(index, 1)
  } else if (extendsBefore) before.to = sequence
  else if (extendsAfter) after.from = sequence
  else runs.splice(index, 0, { from: sequence, to: sequence })
  if (runs.length > MAXIMUM_RUNS) giveUpOldest(trace)
  return true
}

/** Numbers below the newest that never arrived. */
export function missingOf(trace: SequenceTrace): number {
  let missing = trace.missingForGood
  let end = 0
  for (const { from, to } of trace.runs) {
    missing += from - end - 1
    end = to
  }
  return missing
}

/** The newest number, which is how many events the producer has written at least. */
export function newestOf(trace: SequenceTrace): number {
  return trace.runs.at(-1)?.to ?? 0
}

function giveUpOldest(trace: SequenceTrace): void {
  const [first, second] = trace.runs
  if (first === undefined || second === undefined) return
  trace.missingForGood += first.from - 1 + (second.from - first.to - 1)
  second.from = 1
  trace.runs.shift()
}
