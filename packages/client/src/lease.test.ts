import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { autoplay, autoplayForEver, viewer } from '../test/autoplay.ts'
import type { Reading, StateSource } from './source.ts'
import { clientOnTrial, fakeClock, snapshotOf, stateFor } from './testing/index.ts'

const unit = viewer('viewer-1')
const running = snapshotOf([stateFor(autoplay), stateFor(autoplayForEver)])

/** A source whose answers the test gives. */
function answering(answer: () => Reading | Promise<Reading>): StateSource {
  return { pollMs: 1_000, maximumBackoffMs: 1_000, read: () => answer() }
}

describe('the lease', () => {
  it('FAULTS 10: keeps serving while polls fail; when it lapses, withdraws every arm but control, unless opted out', async () => {
    let isDown = false
    const source = answering(() => {
      if (isDown) throw new Error('down')
      return { snapshot: running }
    })
    const { client, clock, errors } = clientOnTrial([autoplay, autoplayForEver], { source })
    isDown = true
    await clock.advance(29_999)
    expect(client.status().source.failing).toBeGreaterThan(10)
    expect(client.assign(autoplay, unit).reason).toBe('assigned')

    await clock.advance(1)
    const told = errors.length
    expect(client.assign(autoplay, unit)).toMatchObject({ reason: 'stale-state', variant: null, revision: 1 })
    expect(client.assign(autoplay, unit).config).toEqual({ delaySeconds: 30 })
    expect(client.assign(autoplayForEver, unit).reason).toBe('assigned')
    expect(errors.slice(told).map(String)).toEqual([expect.stringContaining('lease on the state has lapsed')])
    expect(client.status()).toMatchObject({ isReady: false, leaseLeftMs: 0, source: { lapses: 1 } })

    isDown = false
    await clock.advance(1_000)
    expect(client.assign(autoplay, unit).reason).toBe('assigned')
    expect(client.status()).toMatchObject({ isReady: true, source: { lapses: 1, failing: 0 } })
  })

  it.each(['shipped', 'baking'] as const)(
    'withdraws what is %s too: it serves control only',
    async (status) => {
      const shipped = { status, shippedVariant: 'treatment', trafficPercent: 0 } as const
      const { client, clock, source } = clientOnTrial([autoplay])
      source.give(snapshotOf([stateFor(autoplay, { revision: 2, ...shipped })]))
      expect(client.assign(autoplay, unit)).toMatchObject({ reason: 'shipped', config: { delaySeconds: 5 } })
      await clock.advance(30_000)
      expect(client.assign(autoplay, unit)).toMatchObject({
        reason: 'stale-state',
        config: { delaySeconds: 30 },
      })
    },
  )

  it('is counted from when it was asked for: a slow answer is a shorter lease', async () => {
    const clock = fakeClock()
    const slow = answering(
      () => new Promise((resolve) => void clock.start(() => resolve({ snapshot: running }), 20_000)),
    )
    const trial = clientOnTrial([autoplay], { source: slow, clock })
    await clock.advance(20_000)
    expect(trial.client.status()).toMatchObject({ isReady: true, leaseLeftMs: 10_000 })
    await clock.advance(10_000)
    expect(trial.client.assign(autoplay, unit).reason).toBe('stale-state')
  })

  it('is renewed by an answer without a snapshot only where that grants time', async () => {
    const answers: Reading[] = [{ snapshot: running, tag: 'a' }, {}, { validForMs: 5_000 }]
    const { client, clock } = clientOnTrial([autoplay], { source: answering(() => answers.shift() ?? {}) })
    await clock.advance(1_000)
    expect(client.status().leaseLeftMs).toBe(29_000)
    await clock.advance(1_000)
    expect(client.status().leaseLeftMs).toBe(5_000)
    await clock.advance(5_000)
    expect(client.assign(autoplay, unit).reason).toBe('stale-state')
  })

  it('FAULTS 38: neither ends early nor lasts longer when the wall clock jumps', async () => {
    for (const jump of [-86_400_000, 86_400_000, 10 * 365 * 86_400_000]) {
      const { client, clock, reports } = clientOnTrial([autoplay])
      await clock.advance(10_000)
      clock.jump(jump)
      expect(client.assign(autoplay, unit).reason).toBe('assigned')
      await clock.advance(19_999)
      expect(client.assign(autoplay, unit).reason).toBe('assigned')
      await clock.advance(1)
      expect(client.assign(autoplay, unit).reason).toBe('stale-state')
      const polled = reports.length
      clock.jump(-jump)
      await clock.advance(4_000)
      expect(reports.length).toBe(polled + 2)
      // What happened 4 s ago is told to have happened 4 s ago, whatever the clock said then.
      const { reportedAt, experiments } = reports.at(-1)!
      expect(experiments[0]!.served.map(({ lastServedAt }) => reportedAt - lastServedAt)).toContain(4_000)
    }
  })
})

describe('revisions', () => {
  it('FAULTS 12: whatever the order in which snapshots arrive, the newest stays, and the others are counted', () => {
    const revisions = fc.uniqueArray(fc.integer({ min: 2, max: 99 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(revisions, (order) => {
        const { client, source } = clientOnTrial([autoplay])
        let newest = 1
        let older = 0
        for (const revision of order) {
          source.give(snapshotOf([stateFor(autoplay, { revision })]))
          if (revision > newest) newest = revision
          else older += 1
          expect(client.assign(autoplay, unit).revision).toBe(newest)
        }
        expect(client.status()).toMatchObject({ revision: newest, source: { ignored: older } })
      }),
      { numRuns: 200 },
    )
  })

  it('an older snapshot neither renews the lease nor changes what is asked for next', async () => {
    const tags: (string | null)[] = []
    const answers: Reading[] = [
      { snapshot: { ...running, revision: 9 }, tag: 'nine' },
      { snapshot: { ...running, revision: 8 }, tag: 'eight' },
    ]
    const source: StateSource = {
      pollMs: 1_000,
      read({ tag }) {
        tags.push(tag)
        return answers.shift() ?? {}
      },
    }
    const { client, clock } = clientOnTrial([autoplay], { source })
    await clock.advance(2_000)
    expect(tags).toEqual([null, 'nine', 'nine'])
    expect(client.status()).toMatchObject({ revision: 9, leaseLeftMs: 28_000 })
  })

  it('an aborted experiment does not come back by an older state in a newer snapshot', () => {
    const { client, source } = clientOnTrial([autoplay])
    source.give(snapshotOf([stateFor(autoplay, { revision: 5, status: 'aborted', trafficPercent: 0 })]))
    source.give(snapshotOf([stateFor(autoplay, { revision: 4 })], { revision: 6 }))
    expect(client.assign(autoplay, unit)).toMatchObject({ reason: 'aborted', revision: 5 })
    source.give(snapshotOf([], { revision: 7 }))
    source.give(snapshotOf([stateFor(autoplay, { revision: 4 })], { revision: 8 }))
    expect(client.assign(autoplay, unit)).toMatchObject({ reason: 'no-state', variant: null })
  })
})

describe('polling', () => {
  it('backs off with full jitter, up to the cap, and is back at its pace after an answer', async () => {
    const askedAt: number[] = []
    let isDown = true
    const clock = fakeClock()
    const source: StateSource = {
      pollMs: 1_000,
      maximumBackoffMs: 10_000,
      async read() {
        askedAt.push(clock.monotonic())
        if (isDown) throw new Error('down')
        return { snapshot: running }
      },
    }
    clientOnTrial([autoplay], { source, clock })
    await clock.advance(30_000)
    const waits = (times: number[]) => times.slice(1).map((at, i) => at - times[i]!)
    // Half of 2 s, 4 s, 8 s, then of the cap: the random number of these tests is 0.5.
    expect(waits(askedAt).slice(0, 6)).toEqual([1_000, 2_000, 4_000, 5_000, 5_000, 5_000])
    isDown = false
    await clock.advance(5_000)
    askedAt.splice(0)
    await clock.advance(3_000)
    expect(waits(askedAt)).toEqual([1_000, 1_000])
  })

  it('asks once at a time, and once more when told so meanwhile', async () => {
    let underWay = 0
    let most = 0
    let reads = 0
    const clock = fakeClock()
    const source: StateSource = {
      pollMs: 60_000,
      async read() {
        reads += 1
        underWay += 1
        most = Math.max(most, underWay)
        await new Promise<void>((resolve) => void clock.start(resolve, 100))
        underWay -= 1
        return { snapshot: running }
      },
    }
    const { client } = clientOnTrial([autoplay], { source, clock })
    void client.refresh()
    void client.refresh()
    await clock.advance(1_000)
    expect({ reads, most }).toEqual({ reads: 2, most: 1 })
  })
})
