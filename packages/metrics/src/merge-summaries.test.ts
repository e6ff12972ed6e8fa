import type { TrialSummary } from '@fairtrial/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exposure, metricsWith, outcome, trial } from '../test/trial.ts'
import { mergeSummaries } from './merge-summaries.ts'
import { summarize } from './summarize.ts'

const experiment = trial()
const unit = fc.record({
  variant: fc.constantFrom('control', 'model', 'model-b'),
  exposedAt: fc.integer({ min: 0, max: 30_000 }),
  outcomes: fc.array(
    fc.tuple(
      fc.constantFrom('started', 'watched', 'latency'),
      fc.integer({ min: 0, max: 50_000 }),
      fc.integer({ min: -1_000_000, max: 1_000_000 }),
    ),
    { maxLength: 4 },
  ),
  shard: fc.integer({ min: 0, max: 2 }),
})
const units = fc.array(unit, { maxLength: 30 })

/** The summaries of three shards, and of all together. */
function shardsOf(members: readonly (typeof unit extends fc.Arbitrary<infer U> ? U : never)[]) {
  const eventsOf = (shard?: number) =>
    members.flatMap((member, i) =>
      shard !== undefined && member.shard !== shard
        ? []
        : [
            exposure(experiment, `u${i}`, member.variant, member.exposedAt),
            ...member.outcomes.map(([name, time, value], j) =>
              outcome(`u${i}`, name, time, value, { outcomeId: `${i}/${j}` }),
            ),
          ],
    )
  const of = (shard?: number) => summarize(experiment, eventsOf(shard), { asOf: 30_000, phase: 1 })
  return { a: of(0), b: of(1), c: of(2), whole: of() }
}

function expectClose(actual: unknown, expected: unknown): void {
  if (typeof expected === 'number') {
    expect(Math.abs((actual as number) - expected)).toBeLessThanOrEqual(
      1e-9 * Math.max(1, Math.abs(expected)),
    )
  } else if (typeof expected === 'object' && expected !== null) {
    expect(Object.keys(actual as object)).toEqual(Object.keys(expected))
    for (const [name, value] of Object.entries(expected))
      expectClose((actual as Record<string, unknown>)[name], value)
  } else expect(actual).toBe(expected)
}

describe('summaries of disjoint units', () => {
  it('merge to the summary of the whole, in any order and grouping', () => {
    fc.assert(
      fc.property(units, (members) => {
        const { a, b, c, whole } = shardsOf(members)
        expectClose(mergeSummaries(mergeSummaries(a, b), c), whole)
        expectClose(mergeSummaries(c, mergeSummaries(b, a)), whole)
      }),
    )
  })

  it('have the summary of no events as their neutral element', () => {
    const nothing = summarize(experiment, [], { asOf: 30_000, phase: 1 })
    fc.assert(
      fc.property(units, (members) => {
        const { whole } = shardsOf(members)
        expect(mergeSummaries(whole, nothing)).toEqual(whole)
        expect(mergeSummaries(nothing, whole)).toEqual(whole)
      }),
    )
  })

  it('claim no later time than the earlier of the two, and the newest event of both', () => {
    const of = (asOf: number, exposedAt: number) =>
      summarize(experiment, [exposure(experiment, `u${exposedAt}`, 'control', exposedAt)], { asOf, phase: 1 })
    expect(mergeSummaries(of(70, 10), of(50, 20))).toMatchObject({ asOf: 50, newestEventAt: 20 })
  })
})

it('FAULTS 50: summaries of two definitions or phases are refused, with both named', () => {
  const changed = trial({ metrics: metricsWith('started', { window: '11s' }) })
  const empty = (of = experiment, phase = 1): TrialSummary => summarize(of, [], { asOf: 0, phase })
  const refusal = expect.objectContaining({
    code: 'definition-changed',
    message: expect.stringContaining(
      `fingerprint ${experiment.fingerprint}, the other ${changed.fingerprint}`,
    ),
  })
  expect(() => mergeSummaries(empty(), empty(changed))).toThrow(refusal)
  expect(() => mergeSummaries(empty(), empty(experiment, 2))).toThrow(/phase 1, the other 2/)
})
