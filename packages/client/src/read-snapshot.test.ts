import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExperimentError, Snapshot } from '@fairtrial/protocol'
import { autoplay } from '../test/autoplay.ts'
import { readSnapshot } from './read-snapshot.ts'
import { clientOnTrial, snapshotOf, stateFor } from './testing/index.ts'

const accepts = (value: unknown): boolean => {
  try {
    return readSnapshot(value) === value
  } catch (error) {
    if (error instanceof ExperimentError) return false
    throw error
  }
}

const good = snapshotOf([
  stateFor(autoplay),
  stateFor(autoplay, { shippedVariant: 'control', holdingSince: 5 }),
])

/** Values that stand at the edges of what fields take, and beyond. */
const odd = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    '',
    'a',
    'A_.-',
    'a b',
    'a'.repeat(128),
    'a'.repeat(129),
    'a\n',
    '__proto__',
  ),
  fc.constantFrom('fairtrial.state/1', 'fairtrial.state/2', 'fairtrial.snapshot/1', 'fairtrial.snapshot/12'),
  fc.constantFrom('0'.repeat(64), 'F'.repeat(64), '0'.repeat(63), 'running', 'holding', 'paused', 'shipped'),
  fc.constantFrom(
    -1,
    -0,
    0,
    1,
    1.5,
    100,
    100.0001,
    2 ** 53 - 1,
    2 ** 53,
    1e308,
    Number.NaN,
    Infinity,
    -Infinity,
  ),
  fc.constantFrom(true, [], {}, [null], [{}], 1n),
  fc.jsonValue(),
)

/** A copy with one field, anywhere in it, given another value, taken out, or added. */
const mutated = fc
  .record({
    state: fc.option(fc.nat(1), { nil: null }),
    field: fc.oneof(fc.nat(20), fc.string()),
    change: fc.oneof(fc.record({ to: odd }), fc.constant('delete' as const)),
  })
  .map(({ state, field, change }) => {
    const copy = structuredClone(good) as unknown as {
      [field: string]: unknown
      states: { [field: string]: unknown }[]
    }
    const target = state === null ? copy : copy.states[state]!
    const fields = Object.keys(target)
    const name = typeof field === 'number' ? fields[field % fields.length]! : field
    if (name === '__proto__') return copy
    if (change === 'delete') delete target[name]
    else target[name] = change.to
    return copy
  })

describe('readSnapshot', () => {
  it('takes what the schema takes, and nothing else', () => {
    const seen = { taken: 0, refused: 0 }
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: mutated }, odd), (value) => {
        const taken = Snapshot.safeParse(value).success
        seen[taken ? 'taken' : 'refused'] += 1
        expect(accepts(value)).toBe(taken)
      }),
      { numRuns: 5_000 },
    )
    // A property over values that are all refused, or all taken, would hold nothing.
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(200)
  })

  it('names the field, its value and what it must be', () => {
    const wrong = snapshotOf([stateFor(autoplay), stateFor(autoplay, { revision: 0 })])
    expect(() => readSnapshot(wrong)).toThrow('states[1].revision is 0, not a whole number of 1 or more.')
  })

  it('FAULTS 2: refuses more than 10,000 states', () => {
    const states = Array.from({ length: 10_001 }, () => stateFor(autoplay))
    expect(accepts(snapshotOf(states.slice(1)))).toBe(true)
    expect(() => readSnapshot(snapshotOf(states))).toThrow('not an array of at most 10000 states')
    expect(Snapshot.safeParse(snapshotOf(states)).success).toBe(false)
  })

  it('FAULTS 9: ignores fields of a later minor version, refuses a later major one and keeps the last good state', () => {
    const { client, source } = clientOnTrial([autoplay])
    const later = { ...stateFor(autoplay, { revision: 2 }), canary: { region: 'eu' } }
    source.give({ ...snapshotOf([later]), region: 'eu' } as never)
    expect(client.status()).toMatchObject({ revision: 2, isReady: true })

    for (const schema of ['fairtrial.snapshot/2', 'fairtrial.snapshot/10']) {
      const next = { ...snapshotOf([stateFor(autoplay, { revision: 3 })]), schema }
      expect(() => source.give(next as never)).toThrow(
        expect.objectContaining({ code: 'unsupported-version' }),
      )
    }
    const state = { ...stateFor(autoplay, { revision: 3 }), schema: 'fairtrial.state/2' }
    expect(() => source.give(snapshotOf([state as never]))).toThrow(
      expect.objectContaining({ code: 'unsupported-version' }),
    )
    expect(client.status()).toMatchObject({ revision: 2, isReady: true })
  })
})
