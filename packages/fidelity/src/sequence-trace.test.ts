import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSequenceTrace, missingOf, newestOf, traceSequence } from './sequence-trace.ts'

const SECOND = 1_000

describe('a sequence trace', () => {
  it('counts as a set would, in any order, with any repetition', () => {
    const near = fc.integer({ min: 1, max: 60 })
    const far = fc.integer({ min: 1, max: 6_000 })
    fc.assert(
      fc.property(fc.array(fc.oneof(near, far)), (sequences) => {
        const trace = createSequenceTrace()
        const seen = new Set<number>()
        for (const sequence of sequences) {
          expect(traceSequence(trace, sequence)).toBe(!seen.has(sequence))
          seen.add(sequence)
        }
        const newest = Math.max(0, ...sequences)
        expect(newestOf(trace)).toBe(newest)
        expect(missingOf(trace)).toBe(newest - seen.size)
      }),
    )
  })

  it('tells what is missing as of any time, as a set would', () => {
    const arrival = fc.record({
      sequence: fc.integer({ min: 1, max: 3_000 }),
      second: fc.integer({ min: 0, max: 90 }),
    })
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 60 }), fc.integer({ min: 0, max: 10 }), (arrivals, slot) => {
        const trace = createSequenceTrace()
        for (const { sequence, second } of arrivals) traceSequence(trace, sequence, second * SECOND)
        const before = slot * 10 * SECOND
        const first = new Map<number, number>()
        for (const { sequence, second } of arrivals) if (!first.has(sequence)) first.set(sequence, second)
        const settled = [...first].filter(([, second]) => second * SECOND < before).map(([n]) => n)
        const newest = Math.max(0, ...settled)
        const there = [...first.keys()].filter((n) => n <= newest).length
        expect(missingOf(trace, before)).toBe(newest - there)
      }),
    )
  })

  it('misses nothing of what was taken from the log, as a set would', () => {
    const arrivals = fc.array(fc.integer({ min: 1, max: 3_000 }), { maxLength: 80 })
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 0, max: 3_100 }), (sequences, above) => {
        const trace = createSequenceTrace()
        for (const sequence of sequences) traceSequence(trace, sequence)
        const newest = Math.max(0, ...sequences)
        const there = new Set(sequences.filter((sequence) => sequence > above)).size
        expect(missingOf(trace, undefined, above)).toBe(Math.max(0, newest - above) - there)
      }),
    )
  })

  it('misses nothing of a log that is read partition by partition, however long', () => {
    const trace = createSequenceTrace()
    for (let partition = 0; partition < 16; partition++) {
      for (let sequence = 1 + partition; sequence <= 400_000; sequence += 16) traceSequence(trace, sequence)
    }
    expect(missingOf(trace)).toBe(0)
    expect(trace.pages.size + trace.fullPages.size).toBeLessThanOrEqual(1)
  })

  it('stays small where nothing is missing, and forgets no gap', () => {
    const trace = createSequenceTrace()
    for (let sequence = 1; sequence <= 3_000_000; sequence++) {
      if (sequence % 100_000 !== 7) traceSequence(trace, sequence)
    }
    expect(missingOf(trace)).toBe(30)
    expect(trace.pages.size).toBeLessThanOrEqual(31)
    traceSequence(trace, 7)
    expect(missingOf(trace)).toBe(29)
  })

  it('passes over what is no sequence number', () => {
    const trace = createSequenceTrace()
    for (const sequence of [0, -1, 1.5, Number.NaN]) expect(traceSequence(trace, sequence)).toBe(true)
    expect(newestOf(trace)).toBe(0)
    expect(missingOf(trace)).toBe(0)
  })
})
