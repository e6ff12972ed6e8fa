import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSequenceTrace, missingOf, newestOf, traceSequence } from './sequence-trace.ts'

describe('a sequence trace', () => {
  it('counts as a set would, in any order, with any repetition', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 })), (sequences) => {
        const trace = createSequenceTrace()
        for (const sequence of sequences) traceSequence(trace, sequence)
        const newest = Math.max(0, ...sequences)
        expect(newestOf(trace)).toBe(newest)
        expect(missingOf(trace)).toBe(newest - new Set(sequences).size)
      }),
    )
  })

  it('stays small however many gaps there are, and forgets none of them', () => {
    const trace = createSequenceTrace()
    for (let sequence = 2; sequence <= 20_000; sequence += 2) traceSequence(trace, sequence)
    expect(trace.runs.length).toBeLessThanOrEqual(4_096)
    expect(missingOf(trace)).toBe(10_000)
  })

  it('passes over what is no sequence number', () => {
    const trace = createSequenceTrace()
    for (const sequence of [0, -1, 1.5, Number.NaN]) traceSequence(trace, sequence)
    expect(trace.runs).toEqual([])
  })
})
