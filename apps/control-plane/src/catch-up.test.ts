import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCatchUp } from './catch-up.ts'

const lag = (topic: string, position: number, left: number) => ({ topic, partition: 0, position, lag: left })

/** Caught up at 0, with a clock to turn. */
function setUp(patienceMs = 30_000) {
  const clock = { now: 0 }
  return { clock, catchUp: createCatchUp({ patienceMs, now: () => clock.now }) }
}

describe('at the start', () => {
  it('is done when every partition has reached the end that stood there first, and stays so', () => {
    const { catchUp } = setUp()
    expect(catchUp.left([])).toBeNull()
    // While a group is rebalanced there are no partitions to speak of.
    catchUp.note([])
    expect(catchUp.left([lag('exposures', 10, 0)])).toBeNull()
    catchUp.note([lag('exposures', 0, 100), lag('outcomes', 20, 30)])
    expect(catchUp.left([lag('exposures', 100, 0), lag('outcomes', 20, 40)])).toBe(30)
    // A partition that was taken away is not one that has been read.
    expect(catchUp.left([lag('exposures', 100, 0)])).toBe(30)
    catchUp.note([lag('exposures', 100, 900), lag('outcomes', 45, 900)])
    expect(catchUp.left([lag('exposures', 100, 900), lag('outcomes', 50, 895)])).toBe(0)
    expect(catchUp.left([])).toBe(0)
  })

  it('nothing is late, however long it takes', () => {
    const { clock, catchUp } = setUp()
    catchUp.note([lag('outcomes', 0, 100)])
    clock.now = 1e6
    expect(catchUp.late([lag('outcomes', 50, 50)])).toBeNull()
  })
})

describe('from then on', () => {
  it('FAULTS 54: a topic that lags behind another is late, by name, and is not any more once it has landed', () => {
    const { clock, catchUp } = setUp()
    const see = (at: number, position: number, left: number) => {
      clock.now = at
      const lags = [lag('exposures', at, 0), lag('outcomes', position, left)]
      catchUp.note(lags)
      catchUp.left(lags)
      return catchUp.late(lags)
    }
    for (let at = 0; at <= 60_000; at += 1_000) expect(see(at, at, 0)).toBeNull()
    // Stands still, and 1 record a millisecond comes.
    for (let at = 61_000; at <= 91_000; at += 1_000) expect(see(at, 60_000, at - 60_000)).toBeNull()
    expect(see(92_000, 60_000, 32_000)).toBe(
      'outcomes, partition 0, lags: 1,000 records that stood there at 1970-01-01T00:01:01.000Z have not landed, ' +
        'and it is 32,000 records behind.',
    )
    // A steady lag of an hour is one all the while.
    for (let at = 93_000; at < 3_700_000; at += 1_000)
      expect(see(at, Math.max(60_000, at - 3_600_000), Math.min(at - 60_000, 3_600_000))).not.toBeNull()
    // It reads on, until what is left is so new that it may be on its way.
    for (let at = 3_700_000, position = 100_000; position < at; at += 1_000, position += 50_000) {
      const isLate = see(at, position, at - position) !== null
      // By the second or two between marks.
      if (at - position > 35_000) expect(isLate).toBe(true)
      if (at - position < 25_000) expect(isLate).toBe(false)
    }
    expect(see(3_800_000, 3_790_000, 10_000)).toBeNull()
  })

  it('a Kafka that tells no more what stands in its topics has nothing landed in time', () => {
    const { clock, catchUp } = setUp()
    catchUp.note([lag('outcomes', 7, 0)])
    expect(catchUp.left([lag('outcomes', 7, 0)])).toBe(0)
    clock.now = 30_000
    expect(catchUp.late([lag('outcomes', 7, 0)])).toBeNull()
    clock.now = 30_001
    expect(catchUp.late([])).toBe(
      'Kafka has not told since 1970-01-01T00:00:00.000Z what stands in its topics.',
    )
    catchUp.note([lag('outcomes', 7, 0)])
    expect(catchUp.late([])).toBeNull()
  })

  it('a topic that is busy and lands in time is never late, whatever comes how fast; one that does not, is', () => {
    const step = fc.record({ ms: fc.integer({ min: 1, max: 3_000 }), records: fc.nat(10_000) })
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 60, maxLength: 120 }),
        fc.integer({ min: 0, max: 20_000 }),
        (steps, delayMs) => {
          const late = (delayMs: number) => {
            const { clock, catchUp } = setUp()
            const ends = [{ at: 0, end: 0 }]
            let isLate = false
            for (const { ms, records } of steps) {
              clock.now += ms
              ends.push({ at: clock.now, end: (ends.at(-1)?.end ?? 0) + records })
              // What stood there so long ago has landed, and no more.
              const position = ends.findLast(({ at }) => at <= clock.now - delayMs)?.end ?? 0
              const lags = [lag('busy', position, (ends.at(-1)?.end ?? 0) - position)]
              catchUp.note(lags)
              catchUp.left(lags)
              isLate ||= catchUp.late(lags) !== null
            }
            return isLate
          }
          expect(late(delayMs)).toBe(false)
        },
      ),
    )
  })
})

describe('what is behind', () => {
  it('is told by topic, and as all of them while nobody knows', () => {
    const { clock, catchUp } = setUp()
    const topics = ['exposures', 'outcomes', 'summaries']
    const see = (at: number, outcomes: number) => {
      clock.now = at
      const lags = [
        lag('exposures', 10, 0),
        lag('outcomes', outcomes, 100 - outcomes),
        lag('summaries', 0, 0),
      ]
      catchUp.note(lags)
      catchUp.left(lags)
      return { behind: catchUp.behind(topics), isStarting: catchUp.isStarting() }
    }
    expect([catchUp.behind(topics), catchUp.isStarting()]).toEqual([topics, true])
    expect(see(1_000, 40)).toEqual({ behind: ['outcomes'], isStarting: true })
    // The start has had its time.
    expect(see(31_000, 60)).toEqual({ behind: ['outcomes'], isStarting: false })
    expect(see(40_000, 100)).toEqual({ behind: [], isStarting: false })
    clock.now = 90_000
    expect(catchUp.behind(topics)).toEqual(topics)
  })
})
