import { describe, expect, it } from 'vitest'
import { memorySink } from '@fairtrial/exposure'
import { defineExperiment, ServedReport } from '@fairtrial/protocol'
import { autoplay, autoplayForEver, definition, viewer } from '../test/autoplay.ts'
import { createClient } from './client.ts'
import { givenSnapshot } from './given-snapshot.ts'
import type { StateSource } from './source.ts'
import { clientOnTrial, fakeClock, snapshotOf, stateFor } from './testing/index.ts'

/** A source that never answers. */
const silent: StateSource = { pollMs: 1_000, read: () => new Promise(() => undefined) }

/** A viewer who is in the treatment arm while there is state. */
const treated = viewer(
  Array.from({ length: 50 }, (_, i) => `viewer-${i}`).find((id) => {
    const { client } = clientOnTrial([autoplay])
    return client.preview(autoplay, viewer(id)).variant === 'treatment'
  })!,
)

describe('assign', () => {
  it('serves the arm of a unit, with its config', () => {
    const { client } = clientOnTrial([autoplay])
    const arm = client.assign(autoplay, treated)
    expect(arm).toMatchObject({ reason: 'assigned', variant: 'treatment', revision: 1, phase: 1 })
    expect(arm.config).toEqual({ delaySeconds: 5 })
    const name: 'control' | 'treatment' | null = arm.variant
    expect(name).toBe('treatment')
  })

  it('takes a second copy of a definition for the first', () => {
    const { client } = clientOnTrial([autoplay])
    const copy = JSON.parse(JSON.stringify(autoplay)) as typeof autoplay
    expect(client.assign(copy, treated).variant).toBe('treatment')
  })

  it('serves control of an experiment that it was not made with, and tells so once', () => {
    const { client, errors } = clientOnTrial([autoplay])
    for (let i = 0; i < 3; i++) {
      expect(client.assign(autoplayForEver, treated)).toMatchObject({ reason: 'no-state', variant: null })
    }
    expect(errors.map(String)).toEqual([expect.stringContaining('"autoplay-for-ever" is not among those')])
  })

  it('answers with something in form for what is no experiment', () => {
    const { client } = clientOnTrial([autoplay])
    for (const nothing of [undefined, null, 'autoplay', {}, 7]) {
      const arm = client.assign(nothing as never, treated)
      expect(arm).toMatchObject({ reason: 'invalid-definition', variant: null, config: {} })
    }
  })

  it('serves control where the state was made for another definition', () => {
    const { client, source } = clientOnTrial([autoplay])
    for (const revision of [1, 2]) {
      source.give(snapshotOf([stateFor(autoplay, { revision, fingerprint: 'f'.repeat(64) })]))
      expect(client.assign(autoplay, treated)).toMatchObject({ reason: 'definition-mismatch', variant: null })
      expect(client.status().experiments['autoplay']).toEqual({ revision, status: null })
    }
  })

  it('serves control where a newer snapshot has no state of the experiment', () => {
    const { client, source } = clientOnTrial([autoplay])
    source.give(snapshotOf([], { revision: 2 }))
    expect(client.assign(autoplay, treated)).toMatchObject({ reason: 'no-state', variant: null })
  })

  it('serves control under a state that cannot be put in force, and says why', () => {
    const { client, source, errors } = clientOnTrial([autoplay])
    source.give(snapshotOf([stateFor(autoplay, { revision: 2, status: 'shipped', shippedVariant: 'gone' })]))
    expect(client.assign(autoplay, treated).variant).toBeNull()
    expect(String(errors.at(-1))).toContain('gone')
  })

  it('FAULTS 13: serves control to a unit without an id, exposes nothing, and counts it', () => {
    const { client } = clientOnTrial([autoplay])
    const units = [{ unitType: 'viewer' }, viewer(''), { unitType: 'viewer', unitId: null }, undefined, null]
    for (const unit of units) {
      const arm = client.assign(autoplay, unit as never)
      expect(arm).toMatchObject({ variant: null, unitId: null, config: { delaySeconds: 30 } })
      expect(client.expose(arm).recorded).toBe('not-assigned')
    }
    const { reasons, counters, account } = client.status()
    expect(reasons).toEqual({ 'no-unit-id': units.length })
    expect(counters).toEqual({ assigned: 0, evaluated: units.length, exposed: 0, outcomes: 0 })
    expect(account.offered).toBe(0)
  })

  it('FAULTS 14: never makes an id of what is none', () => {
    const { client } = clientOnTrial([autoplay])
    for (const id of [7, 7n, true, {}, ['a'], Symbol('a'), Number.NaN]) {
      const arm = client.assign(autoplay, { unitType: 'viewer', unitId: id } as never)
      expect(arm).toMatchObject({ reason: 'invalid-unit-id', unitId: null, variant: null })
      expect(client.expose(arm).recorded).toBe('not-assigned')
    }
    const { client: coercing } = clientOnTrial([autoplay], { coerceUnitId: 'string-number' })
    expect(coercing.assign(autoplay, { unitType: 'viewer', unitId: 7 } as never)).toEqual(
      client.assign(autoplay, viewer('7')),
    )
  })

  it('FAULTS 19: serves control before the first state and after the end, and nothing throws', async () => {
    const { client, clock } = clientOnTrial([autoplay], { source: silent })
    expect(client.assign(autoplay, treated)).toMatchObject({
      reason: 'no-state',
      variant: null,
      config: { delaySeconds: 30 },
      revision: 0,
    })
    const ready = client.ready(3_000)
    await clock.advance(3_000)
    expect(await ready).toBe(false)

    const { client: closed } = clientOnTrial([autoplay])
    const arm = closed.assign(autoplay, treated)
    await closed.close()
    expect(closed.assign(autoplay, treated)).toMatchObject({ reason: 'client-closed', variant: null })
    expect(closed.preview(autoplay, treated).reason).toBe('client-closed')
    expect(closed.expose(arm).recorded).toBe('closed')
    expect(closed.track({ name: 'watched', ...treated }).recorded).toBe('closed')
    expect(await closed.ready()).toBe(false)
    await closed.refresh()
    expect(closed.status()).toMatchObject({ isClosed: true })
  })
})

describe('the four facts', () => {
  it('counts assigned, evaluated, exposed and outcomes apart', async () => {
    const { client, sink, reports } = clientOnTrial([autoplay])
    client.preview(autoplay, treated)
    client.preview(autoplay, treated)
    const arm = client.assign(autoplay, treated)
    expect(client.status().counters).toEqual({ assigned: 1, evaluated: 3, exposed: 0, outcomes: 0 })
    client.expose(arm)
    client.expose(arm)
    client.track({ name: 'watched', ...treated })
    const account = await client.close()
    expect(client.status().counters).toEqual({ assigned: 1, evaluated: 3, exposed: 2, outcomes: 1 })
    expect(account).toMatchObject({
      exposures: { offered: 2, delivered: 1, deduplicated: 1 },
      outcomes: { offered: 1, delivered: 1 },
      pending: 0,
    })
    expect(sink.events().map(({ schema }) => schema)).toEqual([
      'fairtrial.exposure/1',
      'fairtrial.outcome/1',
      'fairtrial.producer/1',
    ])
    const arm1 = { experiment: autoplay.key, phase: 1, variant: 'treatment' }
    const funnel = { ...arm1, assigned: 1, offered: 2, numbered: 1, deduplicated: 1, dropped: 0 }
    expect(sink.events().at(-1)).toMatchObject({ isFinal: true, sequence: 3, arms: [funnel] })
    expect(reports.at(-1)?.experiments[0]?.served).toMatchObject([{ variant: 'treatment', count: 1 }])
  })

  it('previews what assign serves, without serving it', async () => {
    const { client, reports } = clientOnTrial([autoplay])
    expect(client.preview(autoplay, treated)).toEqual(client.assign(autoplay, treated))
    client.preview(autoplay, viewer('another'))
    await client.close()
    expect(reports.at(-1)?.experiments[0]?.served).toMatchObject([{ revision: 1, count: 1 }])
  })
})

describe('the served counts', () => {
  it('are told at each change of revision and every few seconds, and fit their schema', async () => {
    const { client, clock, source, reports } = clientOnTrial([autoplay])
    await clock.advance(0)
    expect(reports).toHaveLength(1)
    for (let i = 0; i < 5; i++) client.assign(autoplay, treated)
    await clock.advance(2_000)
    expect(reports).toHaveLength(2)
    source.give(snapshotOf([stateFor(autoplay, { revision: 2, status: 'aborted', trafficPercent: 0 })]))
    client.assign(autoplay, treated)
    await clock.advance(0)
    expect(reports).toHaveLength(3)
    await clock.advance(2_000)
    expect(reports).toHaveLength(4)
    expect(reports[3]?.experiments).toEqual([
      {
        experiment: 'autoplay',
        revision: 2,
        served: [
          { revision: 1, variant: 'treatment', count: 5, lastServedAt: clock.now() - 4_000 },
          { revision: 2, variant: null, count: 1, lastServedAt: clock.now() - 2_000 },
        ],
      },
    ])
    expect(reports.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4])
    for (const report of reports) expect(ServedReport.parse(report)).toEqual(report)
  })

  it('name every experiment that the client was made with, whatever is known of it, for a proof goes by what they leave out', async () => {
    const { fingerprint: _, ...definition } = autoplay
    const other = defineExperiment({ ...definition, key: 'other', salt: 'other' })
    const { client, clock, source, reports } = clientOnTrial([autoplay, other])
    await clock.advance(0)
    source.give(snapshotOf([stateFor(other, { revision: 2, fingerprint: '0'.repeat(64) })]))
    await clock.advance(0)
    source.give(snapshotOf([]))
    await clock.advance(60_000)
    await client.close()
    expect(reports.length).toBeGreaterThan(3)
    for (const { experiments } of reports)
      expect(experiments.map(({ experiment }) => experiment)).toEqual(['autoplay', 'other'])
  })

  it('name what has shipped, for a bake that is aborted is proved by them', async () => {
    const { client, clock, source, reports } = clientOnTrial([autoplay])
    const bake = { status: 'baking', shippedVariant: 'treatment', trafficPercent: 0 } as const
    source.give(snapshotOf([stateFor(autoplay, { revision: 2, ...bake })]))
    expect(client.assign(autoplay, treated)).toMatchObject({ reason: 'shipped', variant: null })
    client.assign(autoplay, viewer(''))
    source.give(snapshotOf([stateFor(autoplay, { revision: 3, status: 'aborted', trafficPercent: 0 })]))
    client.assign(autoplay, treated)
    await clock.advance(2_000)
    expect(reports.at(-1)?.experiments[0]?.served).toMatchObject([
      { revision: 2, variant: 'treatment', count: 2 },
      { revision: 3, variant: null, count: 1 },
    ])
  })

  it('lose nothing with a report that fails, and fail nothing but the report', async () => {
    let isDown = true
    const heard: ServedReport[] = []
    const reportServed = async (report: ServedReport) => {
      if (isDown) throw new Error('down')
      heard.push(report)
    }
    const { client, clock, source } = clientOnTrial([autoplay], { reportServed })
    for (let revision = 2; revision <= 30; revision++) {
      client.assign(autoplay, treated)
      source.give(snapshotOf([stateFor(autoplay, { revision })]))
      await clock.advance(2_000)
    }
    expect(client.status().reports).toMatchObject({ sent: 0 })
    isDown = false
    await clock.advance(2_000)
    const told = heard[0]!.experiments[0]!.served
    expect(told.map(({ revision, count }) => [revision, count])).toEqual(
      Array.from({ length: 29 }, (_, i) => [i + 1, 1]),
    )
    await clock.advance(2_000)
    const folded = heard[1]!.experiments[0]!.served
    expect(folded.length).toBeLessThanOrEqual(16)
    expect(folded.reduce((sum, { count }) => sum + count, 0)).toBe(29)
    expect(folded.at(-1)).toEqual(told.at(-1))
  })

  it('are told a last time at the end', async () => {
    const { client, clock, reports } = clientOnTrial([autoplay])
    await clock.advance(0)
    client.assign(autoplay, treated)
    await client.close()
    expect(reports.at(-1)?.experiments[0]?.served).toMatchObject([{ count: 1 }])
    const told = reports.length
    await clock.advance(60_000)
    expect(reports).toHaveLength(told)
  })

  it('hold up the end no longer than its deadline', async () => {
    const { client, clock } = clientOnTrial([autoplay], { reportServed: () => new Promise(() => undefined) })
    let ended = false
    const closing = client.close(1_000).then(() => {
      ended = true
    })
    await clock.advance(999)
    expect(ended).toBe(false)
    await clock.advance(1)
    await closing
    expect(client.close()).toBe(client.close())
  })
})

describe('createClient', () => {
  const options = {
    experiments: [autoplay],
    source: silent,
    sink: memorySink(),
    instanceId: 'a',
    timers: fakeClock(),
  }

  it('refuses one experiment twice, equal seeds, and arguments that cannot work', () => {
    const twin = defineExperiment({ ...definition, key: 'autoplay-twin', salt: 'autoplay' })
    const refusals: [object, string, RegExp][] = [
      [{ experiments: [autoplay, { ...autoplay }] }, 'invalid-argument', /key "autoplay"/],
      [{ experiments: [autoplay, twin] }, 'invalid-definition', /same seed/],
      [{ instanceId: '' }, 'invalid-argument', /instanceId/],
      [{ instanceId: 'a\nb' }, 'invalid-argument', /instanceId/],
      [{ sink: undefined }, 'invalid-argument', /one way/],
      [{ reportEveryMs: 0 }, 'invalid-argument', /reportEveryMs/],
      [{ experiments: autoplay }, 'invalid-argument', /experiments is object\. List the definitions/],
      [{ source: undefined }, 'invalid-argument', /source lacks the function read\. Give httpSource/],
      [{ source: { ...silent, pollMs: Number.NaN } }, 'invalid-argument', /source\.pollMs is NaN/],
      [{ source: { ...silent, pollMs: 0 } }, 'invalid-argument', /source\.pollMs is 0/],
      [{ sink: undefined, recorder: memorySink() }, 'invalid-argument', /recorder lacks the function expose/],
      [{ sink: {} }, 'invalid-argument', /The recorder has no sink/],
      [{ reportServed: 'http://127.0.0.1' }, 'invalid-argument', /reportServed is "http/],
      [{ onError: true }, 'invalid-argument', /onError is true/],
      [{ coerceUnitId: 'number' }, 'invalid-argument', /coerceUnitId is "number"/],
      [{ maximumUnitIdBytes: Number.NaN }, 'invalid-argument', /maximumUnitIdBytes is NaN/],
    ]
    for (const [change, code, message] of refusals) {
      let refusal: unknown
      try {
        createClient({ ...options, ...change } as never)
      } catch (error) {
        refusal = error
      }
      expect(refusal).toMatchObject({ name: 'ExperimentError', code })
      expect(String(refusal)).toMatch(message)
    }
  })

  it('goes on when whoever listens to errors throws', async () => {
    const source: StateSource = { pollMs: 1_000, read: () => Promise.reject(new Error('no state today')) }
    const throws = () => {
      throw new Error('listener')
    }
    const rejects = (() => Promise.reject(new Error('listener'))) as () => void
    for (const onError of [throws, rejects]) {
      const { client, clock } = clientOnTrial([autoplay], { source, onError })
      await clock.advance(10_000)
      expect(client.status().source).toMatchObject({
        lastError: { code: 'unreachable', message: expect.stringContaining('no state today') as string },
      })
      expect(client.status().source.failures).toBeGreaterThan(1)
    }
  })

  it('goes on whatever a source throws', async () => {
    for (const thrown of [undefined, null, 'text', Object.create(null), Symbol('no')]) {
      const source: StateSource = { pollMs: 1_000, read: () => Promise.reject(thrown as Error) }
      const { client, clock } = clientOnTrial([autoplay], { source })
      await clock.advance(10_000)
      expect(client.status().source.failures).toBeGreaterThan(1)
    }
  })

  it('ends with the account when the sink cannot be closed, and says so', async () => {
    const errors: Error[] = []
    const memory = memorySink()
    const close = () => Promise.reject(new Error('disk on fire'))
    const client = createClient({
      experiments: [autoplay],
      source: givenSnapshot(snapshotOf([stateFor(autoplay)])),
      sink: { deliver: memory.deliver, close },
      instanceId: 'a',
      onError: (error) => void errors.push(error),
    })
    client.expose(client.assign(autoplay, treated))
    expect(await client.close()).toMatchObject({ exposures: { delivered: 1 }, pending: 0 })
    expect(errors).toMatchObject([{ message: expect.stringContaining('disk on fire') as string }])
  })
})
