/** Stretches of sequence numbers that have arrived from one producer. */
export interface SequenceTrace {
  /** Ascending, disjoint, never touching; the gaps between them, and before the first, are what is missing. */
  readonly runs: Run[]
  /** Numbers given up: gaps so old that their stretches are no longer told apart. */
  missingForGood: number
}

interface Run {
  from: number
  to: number
  /** When `from` came, epoch milliseconds: since then there is a gap in front of it, which may still close. */
  since: number
}

/** Gaps that are told apart for one producer; beyond, the oldest count as lost for good. */
const MAXIMUM_RUNS = 4_096

export function createSequenceTrace(): SequenceTrace {
  return { runs: [], missingForGood: 0 }
}

/**
 * Notes a sequence number. Numbers come in order but for retries, so nearly every one extends the last run.
 *
 * @param since when it came, epoch milliseconds
 * @returns whether it is there for the first time
 */
export function traceSequence(
  trace: SequenceTrace,
  sequence: number,
  since: number = Number.NEGATIVE_INFINITY,
): boolean {
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
  else if (extendsAfter) {
    after.from = sequence
    after.since = since
  } else runs.splice(index, 0, { from: sequence, to: sequence, since })
  if (runs.length > MAXIMUM_RUNS) giveUpOldest(trace)
  return true
}

/**
 * Numbers below the newest that never arrived.
 *
 * @param before gaps that are there since later are still open: what is missing in them may be on its way
 */
export function missingOf(trace: SequenceTrace, before: number = Number.POSITIVE_INFINITY): number {
  let missing = trace.missingForGood
  let end = 0
  for (const { from, to, since } of trace.runs) {
    if (!(since > before)) missing += from - end - 1
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
