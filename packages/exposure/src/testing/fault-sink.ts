import type { Timers } from '../clock.ts'
import type { Sink } from '../sink.ts'

/** What goes wrong, and how often. */
export interface Faults {
  /** Share of deliveries, 0 to 1, that fail before anything is stored. */
  readonly fail?: number
  /** Share that is stored, and fails all the same: the answer got lost. */
  readonly drop?: number
  /** Share of lines that are refused for good; the others of their batch are stored. */
  readonly reject?: number
  /** Share of deliveries that take `delayMs` longer. */
  readonly delay?: number
  /** Default 1,000. */
  readonly delayMs?: number
}

/** Stands before a sink and breaks it, the same way for the same `random`. */
export function faultSink(sink: Sink, faults: Faults, random: () => number, timers: Timers): Sink {
  const { fail = 0, drop = 0, reject = 0, delay = 0, delayMs = 1_000 } = faults
  return {
    deliver: async (batch) => {
      if (random() < delay) {
        await new Promise<void>((resolve) => void timers.start(resolve, delayMs, false))
      }
      if (random() < fail) throw new Error('fault: the delivery failed')
      const refused = batch.kinds.map(() => random() < reject)
      const { rejected } = await sink.deliver(refused.includes(true) ? without(batch, refused) : batch)
      if (random() < drop) throw new Error('fault: the answer got lost')
      const kept = refused.flatMap((isRefused, index) => (isRefused ? [] : [index + 1]))
      return {
        rejected: [
          ...refused.flatMap((isRefused, index) =>
            isRefused ? [{ line: index + 1, code: 'fault', detail: 'refused by the fault sink' }] : [],
          ),
          ...rejected.map((rejection) => ({ ...rejection, line: kept[rejection.line - 1] ?? 0 })),
        ],
      }
    },
    close: () => sink.close(),
  }
}

type Batch = Parameters<Sink['deliver']>[0]

function without({ content, kinds, unitIds }: Batch, refused: readonly boolean[]): Batch {
  const keeps = (_: unknown, index: number) => !refused[index]
  const lines = new TextDecoder().decode(content).split('\n').slice(0, -1).filter(keeps)
  return {
    content: new TextEncoder().encode(lines.map((line) => `${line}\n`).join('')),
    count: lines.length,
    kinds: kinds.filter(keeps),
    unitIds: unitIds.filter(keeps),
  }
}
