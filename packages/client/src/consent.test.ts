import { describe, expect, it } from 'vitest'
import { pseudonymizer } from '@fairtrial/protocol/pseudonym'
import { autoplay, viewer } from '../test/autoplay.ts'
import { createSticky, memoryStickyStore } from './sticky/index.ts'
import { clientOnTrial, snapshotOf, stateFor } from './testing/index.ts'

const no = { consent: false }

/** A unit that is in treatment, where it is in the trial. */
const { client: any } = clientOnTrial([autoplay])
const treated = viewer(
  Array.from({ length: 50 }, (_, i) => `viewer-${i}`).find(
    (id) => any.preview(autoplay, viewer(id)).variant === 'treatment',
  )!,
)

describe('a unit that has not consented', () => {
  it('is served as whoever is not enrolled, and nothing of it is kept', async () => {
    const { client, sink, reports } = clientOnTrial([autoplay])
    for (const consent of [false, undefined]) {
      const arm = client.assign(autoplay, treated, { consent })
      expect(arm).toMatchObject({
        reason: 'no-consent',
        variant: null,
        config: { delaySeconds: 30 },
        unitId: null,
        unitType: 'viewer',
        bucket: null,
        propensity: null,
      })
      expect(client.preview(autoplay, treated, { consent })).toEqual(arm)
      expect(client.expose(arm).recorded).toBe('no-consent')
      expect(client.track({ name: 'watched', ...treated, consent }).recorded).toBe('no-consent')
    }
    const { reasons, counters } = client.status()
    expect(reasons).toEqual({ 'no-consent': 4 })
    expect(counters).toEqual({ assigned: 0, evaluated: 4, exposed: 0, outcomes: 2 })
    const account = await client.close()
    expect(account).toMatchObject({ offered: 5, delivered: 1, dropped: { 'no-consent': 4 }, pending: 0 })
    expect(sink.events()).toMatchObject([{ schema: 'fairtrial.producer/1', dropped: { 'no-consent': 4 } }])
    for (const text of [...sink.lines, JSON.stringify([reports, client.status()])])
      expect(text).not.toContain(treated.unitId)
  })

  it('is in the trial as soon as it consents, and leaves it by taking that back', async () => {
    const { client, sink } = clientOnTrial([autoplay])
    expect(client.assign(autoplay, treated, { consent: true })).toEqual(client.assign(autoplay, treated))
    const arm = client.assign(autoplay, treated)
    expect(client.expose(arm).recorded).toBe('queued')
    expect(client.assign(autoplay, treated, no).variant).toBeNull()
    expect(client.expose(arm, no).recorded).toBe('no-consent')
    expect(client.status().counters).toMatchObject({ assigned: 3, exposed: 1 })
    await client.close()
    expect(sink.events().map(({ schema }) => schema)).toEqual([
      'fairtrial.exposure/1',
      'fairtrial.producer/1',
    ])
  })

  it('is met by no override, and by no treatment but one that has shipped', () => {
    const { client, source } = clientOnTrial([autoplay], {
      overrides: { autoplay: { [treated.unitId]: 'treatment' } },
    })
    expect(client.assign(autoplay, treated, { ...no, variant: 'treatment' }).variant).toBeNull()
    const state = { revision: 2, status: 'shipped', shippedVariant: 'treatment' } as const
    source.give(snapshotOf([stateFor(autoplay, state)]))
    expect(client.assign(autoplay, treated, no)).toMatchObject({
      reason: 'no-consent',
      variant: null,
      config: { delaySeconds: 5 },
    })
  })

  it('goes by no pseudonym, for that would be remembered beside its id', () => {
    const asked: string[] = []
    const real = pseudonymizer('a key of well over sixteen bytes')
    const pseudonymOf = (id: string) => {
      asked.push(id)
      return real(id)
    }
    const { client } = clientOnTrial([autoplay], { unitIds: { policy: 'hmac', pseudonymOf } })
    client.assign(autoplay, treated, { ...no, assignedAs: 'cookie-1' })
    client.track({ name: 'watched', ...treated, ...no })
    client.expose(any.assign(autoplay, treated), no)
    expect(asked).toEqual([])
  })

  it('is asked of no sticky store, and told to none', async () => {
    const calls: string[] = []
    const memory = memoryStickyStore()
    const store = {
      read: (key: string) => (calls.push(key), memory.read(key)),
      write: (...args: Parameters<typeof memory.write>) => (calls.push(args[0]), memory.write(...args)),
    }
    const { client, clock } = clientOnTrial([autoplay])
    const sticky = createSticky({ client, store, timers: clock })
    const arm = await sticky.assign(autoplay, treated, { before: 'cookie-1', ...no })
    expect(arm).toMatchObject({ reason: 'no-consent', unitId: null })
    expect(calls).toEqual([])
    await sticky.assign(autoplay, treated, { consent: true })
    expect(calls).not.toEqual([])
  })
})
