import type { Timers } from '../clock.ts'
import { limitsOf } from '../limits.ts'
import { refuseNoShare, refuseNoSink } from '../refusals.ts'
import type { EventBatch, EventKind, Sink } from '../sink.ts'

/** What goes wrong, and how often: shares from 0 to 1, none of them given for none. */
export interface Faults {
  /** Share of deliveries that fail before anything is stored. */
  readonly fail?: number
  /** Share that is stored, and fails all the same: the answer got lost. */
  readonly unanswered?: number
  /** Share of lines that are refused for good; the others of their batch are stored. */
  readonly reject?: number
  /** Share of lines that are acknowledged, and gone. */
  readonly drop?: number
  /** Share of lines that are stored twice. */
  readonly duplicate?: number
  /** Share of deliveries that are acknowledged and stored only after the next one, their lines shuffled. */
  readonly reorder?: number
  /** Share of lines whose times are wrong by `skewMs`. */
  readonly skew?: number
  /** Default 3,600,000: an hour ahead. */
  readonly skewMs?: number
  /** Share of lines that are acknowledged, and cut off at any byte. */
  readonly truncate?: number
  /** Share of deliveries that take `delayMs` longer. */
  readonly delay?: number
  /** Default 1,000. */
  readonly delayMs?: number
}

/**
 * Stands before a sink and breaks it, the same way for the same `random`. May stand before another of its kind.
 *
 * @throws ExperimentError `invalid-argument` for a share that is not from 0 to 1, and for what is no sink
 */
export function faultSink(sink: Sink, faults: Faults, random: () => number, timers: Timers): Sink {
  refuseNoSink('faultSink', sink)
  const { skewMs = 3_600_000, delayMs: given, ...shares } = faults
  for (const [name, share] of Object.entries(shares)) {
    if (share !== undefined) refuseNoShare(`faultSink.${name}`, share)
  }
  const { delayMs } = limitsOf('faultSink', { delayMs: given }, { delayMs: 1_000 })
  const held: Line[] = []
  const hits = (share: number | undefined) => share !== undefined && random() < share

  function spoil(line: Line): Line[] {
    if (hits(faults.drop)) return []
    const skewed = hits(faults.skew) ? { ...line, text: shiftTimes(line.text, skewMs) } : line
    const torn = hits(faults.truncate) ? { ...skewed, text: cut(skewed.text, random()) } : skewed
    return hits(faults.duplicate) ? [torn, torn] : [torn]
  }

  async function store(lines: readonly Line[]): Promise<ReadonlyMap<number, Rejected>> {
    if (lines.length === 0) return new Map()
    const { rejected } = await sink.deliver(batchFrom(lines))
    return new Map(rejected.map((rejection) => [lines[rejection.line - 1]!.number, rejection]))
  }

  async function storeHeld(): Promise<void> {
    await store(held)
    held.length = 0
  }

  return {
    deliver: async (batch) => {
      if (hits(faults.delay)) {
        await new Promise<void>((resolve) => void timers.start(resolve, delayMs, false))
      }
      if (hits(faults.fail)) throw new Error('fault: the delivery failed')
      const refused = new Map<number, Rejected>()
      const lines = linesOf(batch).filter(({ number }) => {
        if (hits(faults.reject)) refused.set(number, { code: 'fault', detail: 'refused by the fault sink' })
        return !refused.has(number)
      })
      const spoilt = lines.flatMap(spoil)
      if (hits(faults.reorder)) held.push(...shuffled(spoilt, random))
      else {
        for (const [number, rejection] of await store(spoilt)) refused.set(number, rejection)
        await storeHeld()
      }
      if (hits(faults.unanswered)) throw new Error('fault: the answer got lost')
      return { rejected: [...refused].map(([line, { code, detail }]) => ({ line, code, detail })) }
    },
    close: async () => {
      await storeHeld()
      await sink.close()
    },
  }
}

interface Line {
  /** 1 for the first of the batch that it came in. */
  readonly number: number
  readonly text: string
  readonly kind: EventKind
  readonly unitId: string
}

interface Rejected {
  readonly code: string
  readonly detail: string
}

function linesOf({ content, kinds, unitIds }: EventBatch): Line[] {
  const texts = new TextDecoder().decode(content).split('\n')
  return kinds.map((kind, i) => ({ number: i + 1, text: texts[i]!, kind, unitId: unitIds[i]! }))
}

function batchFrom(lines: readonly Line[]): EventBatch {
  return {
    content: new TextEncoder().encode(lines.map(({ text }) => `${text}\n`).join('')),
    count: lines.length,
    kinds: lines.map(({ kind }) => kind),
    unitIds: lines.map(({ unitId }) => unitId),
  }
}

/** Every time that an event of the producer's clock can have. */
const TIMES = ['exposedAt', 'occurredAt', 'reportedAt', 'from', 'until']

function shiftTimes(text: string, ms: number): string {
  const event = JSON.parse(text) as Record<string, unknown>
  for (const name of TIMES) {
    const time = event[name]
    if (typeof time === 'number') event[name] = time + ms
  }
  return JSON.stringify(event)
}

function cut(text: string, share: number): string {
  return text.slice(0, Math.floor(share * text.length))
}

/** Fisher and Yates' shuffle. */
function shuffled(lines: readonly Line[], random: () => number): Line[] {
  const deck = [...lines]
  for (let i = deck.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const line = deck[i]!
    deck[i] = deck[j]!
    deck[j] = line
  }
  return deck
}
