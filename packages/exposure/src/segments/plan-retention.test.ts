import fc from 'fast-check'
import { expect, it } from 'vitest'
import { planRetention, type RetentionRule } from './plan-retention.ts'
import type { SegmentFacts } from './segment-facts.ts'

const DAY = 86_400_000
const now = 1_000 * DAY

/** A segment of one producer, whose youngest event is so many days old. */
function segment(name: string, daysOld: number, changes: Partial<SegmentFacts> = {}): SegmentFacts {
  const at = now - daysOld * DAY
  return {
    name: `${name}.ndjson`,
    bytes: 100,
    sha256: name,
    events: 1,
    unreadable: 0,
    firstAt: at,
    lastAt: at,
    receivedUpTo: at,
    experiments: {},
    producers: { [`producer of ${name}`]: 1 },
    ...changes,
  }
}

const rule: RetentionRule = { now, olderThanMs: 90 * DAY, running: new Map() }

function plan(segments: readonly SegmentFacts[], changes: Partial<RetentionRule> = {}) {
  const { go, stay, before } = planRetention(segments, { ...rule, ...changes })
  const reasons = Object.fromEntries(stay.map(({ name, reason }) => [name.slice(0, -7), reason]))
  return { before, go: go.map(({ name }) => name.slice(0, -7)), reasons }
}

it('lets go what is older, the oldest first, and of each writer never the last', () => {
  const segments = [
    segment('a.000001', 120),
    segment('a.000002', 100),
    segment('a.000003', 80),
    segment('a.000004', 0),
    segment('b.000001', 130),
    segment('b.000002', 110),
    // The writer died between making the file and writing to it: it will look into the one before.
    segment('b.000003', 0, {
      bytes: 0,
      events: 0,
      firstAt: null,
      lastAt: null,
      receivedUpTo: null,
      producers: {},
    }),
  ]
  expect(plan(segments)).toEqual({
    before: now - 90 * DAY,
    go: ['b.000001', 'a.000001', 'a.000002'],
    reasons: {
      'a.000003': 'young',
      'a.000004': 'last-of-its-writer',
      'b.000002': 'last-of-its-writer',
      'b.000003': 'last-of-its-writer',
    },
  })
})

it('orders segments by their numbers, of which there may be more than a million', () => {
  const segments = [segment('a.999999', 200), segment('a.1000000', 199), segment('b.000001', 0)]
  expect(plan(segments)).toMatchObject({ go: ['a.999999'] })
})

it('keeps what a running phase has brought, and every outcome since it began, however old', () => {
  const of = (experiment: string) => ({ experiments: { [experiment]: 3 } })
  const segments = [
    segment('a.000001', 300, of('running')),
    segment('a.000002', 300, of('over')),
    segment('a.000003', 201),
    segment('a.000004', 199),
    segment('a.000005', 0),
  ]
  const running = new Map([['running', now - 200 * DAY]])
  expect(plan(segments, { running })).toMatchObject({
    go: ['a.000002', 'a.000003'],
    reasons: { 'a.000001': 'running', 'a.000004': 'running' },
  })
})

it('keeps outcomes of whatever runs, whether or not this log tells of it, and names it', () => {
  const outcomes = [segment('a.000001', 300), segment('a.000002', 150), segment('a.000003', 0)]
  const running = new Map([
    ['late', now - 10 * DAY],
    ['elsewhere', now - 200 * DAY],
  ])
  expect(plan(outcomes, { running })).toMatchObject({
    go: ['a.000001'],
    reasons: { 'a.000002': 'running' },
  })
  const { stay } = planRetention(outcomes, { ...rule, running })
  expect(stay[0]).toEqual({
    name: 'a.000002.ndjson',
    reason: 'running',
    because: 'elsewhere',
    lastAt: now - 150 * DAY,
  })
  // Of one nobody knows how far back it reads.
  running.set('unknown', Number.NEGATIVE_INFINITY)
  expect(plan(outcomes, { running }).go).toEqual([])
})

it('lets a producer go in part: a year of files, each with pods of the day before, is no chain', () => {
  const year = Array.from({ length: 20_000 }, (_, i) =>
    segment(`a.${String(i + 1).padStart(6, '0')}`, ((20_000 - i) / 20_000) * 365, {
      producers: { [`pod-${Math.floor(i / 10)}`]: i, [`pod-${Math.floor(i / 10) + 1}`]: i },
    }),
  )
  const { go, stay } = planRetention(year, { ...rule, olderThanMs: 30 * DAY })
  expect(go.length).toBeGreaterThan(18_000)
  expect(new Set(stay.map(({ reason }) => reason))).toEqual(new Set(['young', 'last-of-its-writer']))
})

it('a clock that jumps ahead makes nothing old: the newest event that was received tells the time too', () => {
  const segments = [segment('a.000001', 100), segment('a.000002', 50), segment('a.000003', 1)]
  for (const ahead of [0, 30, 400, 40_000]) {
    expect(plan(segments, { now: now + ahead * DAY })).toMatchObject({
      go: ['a.000001'],
      reasons: { 'a.000002': 'young' },
    })
  }
  // One event from the future moves nothing either, and a clock that is behind keeps more.
  const future = segment('a.000004', -4_000)
  expect(plan([...segments, future])).toMatchObject({ go: ['a.000001'] })
  expect(plan(segments, { now: now - 20 * DAY })).toMatchObject({ go: [] })
  // Whoever knows that nobody writes any more may say so.
  expect(plan(segments, { now: now + 400 * DAY, trustsClock: true }).go).toEqual(['a.000001', 'a.000002'])
})

it('keeps what tells no time', () => {
  const undated = segment('a.000001', 300, { events: 0, unreadable: 9, firstAt: null, lastAt: null })
  expect(plan([undated, segment('a.000002', 0)])).toMatchObject({
    go: [],
    reasons: { 'a.000001': 'undated' },
  })
})

it('whatever stands in a log: nothing young, running or last goes, and all else does', () => {
  const facts = fc.record({
    series: fc.constantFrom('a', 'b', 'c'),
    days: fc.integer({ min: -10, max: 300 }),
    isEmpty: fc.boolean(),
    experiment: fc.option(fc.constantFrom('x', 'y', 'z'), { nil: undefined }),
    producers: fc.uniqueArray(fc.constantFrom('p', 'q', 'r', 's', 't', 'u', 'v'), { maxLength: 2 }),
  })
  fc.assert(
    fc.property(fc.array(facts, { maxLength: 14 }), fc.integer({ min: -50, max: 500 }), (drawn, ahead) => {
      const segments = drawn.map(({ series, days, isEmpty, experiment, producers }, i) =>
        segment(`${series}.${String(i + 1).padStart(6, '0')}`, days, {
          bytes: isEmpty ? 0 : 100,
          experiments: experiment === undefined ? {} : { [experiment]: 1 },
          producers: Object.fromEntries(producers.map((each) => [each, 1])),
        }),
      )
      const running = new Map([['x', now - 150 * DAY]])
      const { before, go, stay } = planRetention(segments, { ...rule, now: now + ahead * DAY, running })
      expect(go.length + stay.length).toBe(segments.length)
      const staying = segments.filter(({ name }) => stay.some((each) => each.name === name))
      const newest = Math.max(0, ...segments.map(({ lastAt }) => lastAt ?? 0))
      for (const { name, lastAt, experiments } of go) {
        expect(lastAt!).toBeLessThan(newest - 90 * DAY)
        expect(lastAt!).toBeLessThan(now - 150 * DAY)
        expect(Object.keys(experiments)).not.toContain('x')
        expect(staying.some((each) => each.name[0] === name[0] && each.name > name && each.bytes > 0)).toBe(
          true,
        )
      }
      for (const { name, reason, lastAt } of stay) {
        const { experiments } = segments.find((each) => each.name === name)!
        if (reason === 'young') expect(lastAt).toBeGreaterThanOrEqual(before)
        else if (reason === 'running')
          expect(lastAt! >= now - 150 * DAY || Object.hasOwn(experiments, 'x')).toBe(true)
        else expect(reason).toBe('last-of-its-writer')
      }
    }),
  )
})
