import type { LogEvent } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import type { Sink } from './sink.ts'

/** A sink that keeps what it is given. */
export interface MemorySink extends Sink {
  /** All lines stored until now, in order. */
  readonly lines: readonly string[]
  /** The same, parsed. */
  events(): LogEvent[]
}

/** Keeps every line in memory, without a bound: for tests and for trials in one process. */
export function memorySink(): MemorySink {
  const lines: string[] = []
  let closed = false
  return {
    lines,
    events: () => lines.map((line) => JSON.parse(line) as LogEvent),
    deliver: async ({ content }) => {
      if (closed) throw sinkClosed('memory')
      for (const line of decoder.decode(content).split('\n')) if (line !== '') lines.push(line)
      return { rejected: [] }
    },
    close: async () => {
      closed = true
    },
  }
}

const decoder = new TextDecoder()

/** What `deliver` rejects with after `close`. */
export function sinkClosed(name: string): ExperimentError {
  return new ExperimentError(
    'refused',
    `The ${name} sink took no batch, because it is closed.`,
    'Close the recorder, which closes its sink, only when nothing more is to be delivered.',
  )
}
