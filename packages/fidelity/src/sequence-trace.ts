/**
 * Which numbers of one producer have arrived, in whatever order: a log in partitions is read one after the other, so that
 * open stretches are the rule. A bit a number, in pages; a page that is full is only counted.
 */
export interface SequenceTrace {
  /** Numbers in pages before this one have all arrived. */
  fullBefore: number
  readonly fullPages: Set<number>
  /** Pages with gaps, and how many of their numbers have arrived. */
  readonly pages: Map<number, Page>
  /** How many numbers have arrived, each once. */
  arrived: number
  /** The lowest; Infinity before the first. */
  oldest: number
  newest: number
  readonly growth: Growth
}

/** Which of so many numbers have arrived. */
interface Page {
  readonly bits: Uint32Array
  count: number
}

/** The newest number by the time at which it came, so that what is missing below it can be told from what may yet come. */
interface Growth {
  /** Newest of all that came before the slots. */
  base: number
  /** Newest by slot of time. */
  readonly slots: Map<number, number>
  latestSlot: number
}

const PAGE = 1_024
/** An hour in slots of 10 seconds: gaps that are older are not to close any more. */
const SLOT_MS = 10_000
const SLOTS = 360

export function createSequenceTrace(): SequenceTrace {
  return {
    fullBefore: 0,
    fullPages: new Set(),
    pages: new Map(),
    arrived: 0,
    oldest: Number.POSITIVE_INFINITY,
    newest: 0,
    growth: { base: 0, slots: new Map(), latestSlot: Number.NEGATIVE_INFINITY },
  }
}

/**
 * Notes a sequence number.
 *
 * @param since when it came, epoch milliseconds
 * @returns whether it is there for the first time; what is no number always is
 */
export function traceSequence(
  trace: SequenceTrace,
  sequence: number,
  since: number = Number.NEGATIVE_INFINITY,
): boolean {
  if (!Number.isSafeInteger(sequence) || sequence < 1) return true
  const index = Math.floor((sequence - 1) / PAGE)
  if (index < trace.fullBefore || trace.fullPages.has(index)) return false
  let page = trace.pages.get(index)
  if (page === undefined) trace.pages.set(index, (page = { bits: new Uint32Array(PAGE / 32), count: 0 }))
  const place = (sequence - 1) % PAGE
  const bit = 1 << (place & 31)
  const word = page.bits[place >> 5] ?? 0
  if ((word & bit) !== 0) return false
  page.bits[place >> 5] = word | bit
  page.count += 1
  trace.arrived += 1
  if (page.count === PAGE) closePage(trace, index)
  if (sequence < trace.oldest) trace.oldest = sequence
  if (sequence > trace.newest) trace.newest = sequence
  noteGrowth(trace.growth, sequence, since)
  return true
}

/**
 * Numbers that never arrived, though a later one did.
 *
 * @param before epoch milliseconds: only what is missing below the newest number that had come by then, for the rest may
 *   be on its way; to within ten seconds
 * @param above only what is missing above this number: the rest was taken from the log
 */
export function missingOf(
  trace: SequenceTrace,
  before: number = Number.POSITIVE_INFINITY,
  above: number = 0,
): number {
  const newest = before === Number.POSITIVE_INFINITY ? trace.newest : newestBefore(trace.growth, before)
  if (newest <= above) return 0
  return newest - above - (arrivedAbove(trace, above) - arrivedAbove(trace, newest))
}

/** The newest number, which is how many events the producer has written at least. */
export function newestOf(trace: SequenceTrace): number {
  return trace.newest
}

function closePage(trace: SequenceTrace, index: number): void {
  trace.pages.delete(index)
  trace.fullPages.add(index)
  while (trace.fullPages.delete(trace.fullBefore)) trace.fullBefore += 1
}

function arrivedAbove({ fullBefore, fullPages, pages, newest }: SequenceTrace, number: number): number {
  if (number >= newest) return 0
  const last = Math.floor(number / PAGE)
  let above = Math.max(0, fullBefore * PAGE - number)
  for (const index of fullPages) above += PAGE - Math.min(PAGE, Math.max(0, number - index * PAGE))
  for (const [index, { bits, count }] of pages) {
    if (index > last) above += count
    else if (index === last) above += countFrom(bits, number - index * PAGE)
  }
  return above
}

function countFrom(bits: Uint32Array, from: number): number {
  let count = 0
  for (let place = from; place < PAGE; place++) count += ((bits[place >> 5] ?? 0) >>> (place & 31)) & 1
  return count
}

function noteGrowth(growth: Growth, sequence: number, since: number): void {
  const slot = Math.floor(since / SLOT_MS)
  if (!(slot > growth.latestSlot - SLOTS)) {
    growth.base = Math.max(growth.base, sequence)
    return
  }
  const before = growth.slots.get(slot)
  if (before === undefined || sequence > before) growth.slots.set(slot, sequence)
  if (slot <= growth.latestSlot) return
  growth.latestSlot = slot
  for (const [old, newest] of growth.slots) {
    if (old > slot - SLOTS) continue
    growth.slots.delete(old)
    growth.base = Math.max(growth.base, newest)
  }
}

function newestBefore({ base, slots }: Growth, before: number): number {
  let newest = base
  for (const [slot, number] of slots) {
    if ((slot + 1) * SLOT_MS <= before) newest = Math.max(newest, number)
  }
  return newest
}
