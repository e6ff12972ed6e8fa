import { type ExposureEvent, parseLogEvent } from '@fairtrial/protocol'
import { exposureId } from '@fairtrial/protocol/exposure-id'
import { expect, it } from 'vitest'
import { createRecorder, memorySink, type RecorderOptions } from './index.ts'
import { fakeClock, sampleArm, seededRandom } from './testing/index.ts'

function recorderWith(options: Partial<RecorderOptions> = {}) {
  const clock = fakeClock()
  const sink = memorySink()
  const random = seededRandom(1)
  const recorder = createRecorder({ sink, clock, timers: clock, random, producerId: 'p', ...options })
  const exposures = async () => {
    await recorder.close()
    for (const event of sink.events()) expect(parseLogEvent(event)).toMatchObject({ ok: true })
    return sink.events().filter((event): event is ExposureEvent => 'exposureId' in event)
  }
  return { recorder, sink, exposures }
}

const context = { schemaVersion: '2026-11', allow: ['platform', 'country', 'seats'] }
const items = [{ itemId: 'a', position: 0 }]

it('records a forced arm as such, with ids and a scope of its own', async () => {
  const { recorder, exposures } = recorderWith()
  const forced = sampleArm({ reason: 'overridden' })
  expect([forced, forced, sampleArm()].map((arm) => recorder.expose(arm).recorded)).toEqual([
    'queued',
    'deduplicated',
    'queued',
  ])
  expect(await exposures()).toMatchObject([
    {
      reason: 'overridden',
      variant: 'session-model',
      exposureId: exposureId('home-ranking', 1, 'overridden:session-model', 'viewer-1'),
    },
    { reason: 'assigned', exposureId: exposureId('home-ranking', 1, 'session-model', 'viewer-1') },
  ])
})

it('records each trigger that a unit meets once, under an id of its own', async () => {
  const { recorder, exposures } = recorderWith()
  const arm = sampleArm()
  const triggers = [undefined, 'opened-search', 'opened-search', 'opened-cart', undefined]
  expect(
    triggers.map((trigger) => recorder.expose(arm, trigger === undefined ? {} : { trigger }).recorded),
  ).toEqual(['queued', 'queued', 'deduplicated', 'queued', 'deduplicated'])
  expect(recorder.expose(arm, { trigger: 'opened the cart' }).recorded).toBe('dropped')
  const events = await exposures()
  expect(events.map(({ trigger, armSequence }) => [trigger, armSequence])).toEqual([
    [undefined, 1],
    ['opened-search', 2],
    ['opened-cart', 3],
  ])
  expect(events[2]!.exposureId).toBe(
    exposureId('home-ranking', 1, 'session-model', 'viewer-1', 'opened-cart'),
  )
})

it('tells the model version, the id that the arm was computed from, and the trace, where there are any', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const traces = [traceparent, undefined, 'no trace', traceparent]
  const { recorder, sink, exposures } = recorderWith({ traceparent: () => traces.shift() })
  recorder.expose(sampleArm({ assignedAs: 'anonymous-7' }), { modelVersion: '2026-11-03' })
  recorder.expose(sampleArm({ unitId: 'b' }))
  recorder.expose(sampleArm({ unitId: 'c', assignedAs: '' }))
  recorder.track({ name: 'started', unitType: 'viewer', unitId: 'b' })
  expect(await exposures()).toMatchObject([
    { assignedAs: 'anonymous-7', modelVersion: '2026-11-03', traceparent },
    expect.not.objectContaining({ traceparent: expect.anything() }),
    expect.not.objectContaining({ traceparent: expect.anything(), assignedAs: expect.anything() }),
  ])
  expect(sink.events()[3]).toMatchObject({ name: 'started', traceparent })
  const broken = recorderWith({
    traceparent: () => {
      throw new Error('no context')
    },
  })
  expect(broken.recorder.expose(sampleArm()).recorded).toBe('queued')
  expect(await broken.exposures()).toHaveLength(1)
})

it('FAULTS 40: what is not allowed, or reads like personal data, is in nothing that is written', async () => {
  const email = 'zoe.planted@example.com'
  const token = 'eyJhbGciOiJIUzI1NiJ9.eyJwbGFudGVkIjp0cnVlfQ.c2ln'
  const warnings: unknown[] = []
  const { recorder, sink, exposures } = recorderWith({
    context,
    queue: { maximumEvents: 3 },
    onDrop: (warning) => void warnings.push(warning),
  })
  recorder.expose(sampleArm({ attributes: { email } } as never), {
    context: { platform: 'web', email, session: { token }, headers: [`bearer ${token}`], seats: 3 },
    slate: { slateId: 's', items: [{ itemId: 'a', position: 0, seller: email }] as never, token } as never,
  })
  recorder.expose(sampleArm({ unitId: 'viewer-2' }), { context: { platform: email, country: token } })
  recorder.expose(sampleArm({ unitId: 'viewer-3' }), { context: { platform: '+49 151 1234567' } })
  recorder.expose(sampleArm({ unitId: 'viewer-4' }), { context: { email }, trigger: email })
  expect((await exposures()).map((event) => [event.context, event.slate])).toEqual([
    [
      { schemaVersion: '2026-11', features: { platform: 'web', seats: 3 } },
      { slateId: 's', items: [{ itemId: 'a', position: 0 }] },
    ],
    [undefined, undefined],
    [undefined, undefined],
  ])
  const { leftOut, dropped } = recorder.account()
  expect(leftOut).toMatchObject({ 'feature-not-allowed': 3, 'feature-redacted': 3, 'feature-not-scalar': 0 })
  expect(dropped.invalid).toBe(1)
  let refusal: unknown
  try {
    recorderWith({ context: { ...context, allow: ['platform', 'email'] } })
  } catch (error) {
    refusal = error
  }
  const written = [
    ...sink.lines,
    JSON.stringify(recorder.account()),
    JSON.stringify(warnings),
    String(refusal),
  ]
  expect(written).toHaveLength(7)
  for (const text of written) {
    for (const planted of [email, 'planted', token, 'eyJ', '1234567']) expect(text).not.toContain(planted)
  }
})

it('refuses an allow-list that names personal data, and says what to do', () => {
  for (const name of 'email userEmail e_mail phone phone-number accessToken API_KEY password clientIp ip name'.split(
    ' ',
  ))
    expect(() => recorderWith({ context: { ...context, allow: [name] } })).toThrow(
      `context.allow names "${name}", which reads like personal data or a credential. Take it off the list.`,
    )
  for (const name of ['firstName', 'user.name', 'postal address', 'lat', 'sessionId', '__proto__'])
    expect(() => recorderWith({ context: { ...context, allow: [name] } })).toThrow(/reads like personal data/)
  // What only sounds like it is none.
  const fine = ['browserName', 'shipping', 'latency', 'promptTokens', 'isSignedIn', 'telemetry']
  expect(() => recorderWith({ context: { ...context, allow: fine } })).not.toThrow()
  expect(() => recorderWith({ context: { ...context, schemaVersion: '' } })).toThrow(
    /context\.schemaVersion is ""/,
  )
  expect(() => recorderWith({ context: { ...context, allow: 'platform' as never } })).toThrow(
    /List the names/,
  )
})

it('logs scalars only, and counts what it leaves out', async () => {
  const { recorder, exposures } = recorderWith({ context })
  const given = [
    { platform: 'web', seats: 2, country: null },
    { platform: { os: 'web' }, seats: Number.NaN, country: ['DE'] },
    { platform: 'x'.repeat(257), seats: undefined, country: 'DE' },
    { platform: Symbol('web'), seats: 1n, country: () => 'DE' },
    null,
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('hostile')
        },
      },
    ),
  ]
  given.forEach((features, i) =>
    recorder.expose(sampleArm({ unitId: `viewer-${i}` }), { context: features as never }),
  )
  expect((await exposures()).map((event) => event.context?.features)).toEqual([
    { platform: 'web', seats: 2, country: null },
    undefined,
    { country: 'DE' },
    undefined,
    undefined,
    undefined,
  ])
  expect(recorder.account().leftOut).toMatchObject({ 'feature-not-scalar': 8, 'feature-too-long': 1 })
})

it('lets a hook coarsen what is logged, and trusts it with nothing more', async () => {
  const { recorder, exposures } = recorderWith({
    context: {
      ...context,
      redact: (feature, value) => {
        if (feature === 'seats') return Number(value) > 4 ? 'many' : 'few'
        if (feature === 'country') throw new Error('hook')
        return value === 'tv' ? undefined : 'zoe@example.com'
      },
    },
  })
  recorder.expose(sampleArm(), { context: { seats: 5, country: 'DE', platform: 'tv' } })
  recorder.expose(sampleArm({ unitId: 'b' }), { context: { seats: 1, platform: 'web' } })
  expect((await exposures()).map((event) => event.context?.features)).toEqual([
    { seats: 'many' },
    { seats: 'few' },
  ])
  expect(recorder.account().leftOut).toMatchObject({ 'feature-redacted': 3 })
})

it('logs no context where none is allowed', async () => {
  const { recorder, exposures } = recorderWith()
  recorder.expose(sampleArm(), { context: { platform: 'web' } })
  expect((await exposures())[0]).not.toHaveProperty('context')
  expect(recorder.account().leftOut).toMatchObject({ 'feature-not-allowed': 1 })
})

it('keeps an exposure whose slate is too large, or none, and counts the slate', async () => {
  const { recorder, exposures } = recorderWith({ slates: { maximumBytes: 200 } })
  const cyclic: Record<string, unknown> = { slateId: 's' }
  cyclic['items'] = [cyclic]
  const slates = [
    { slateId: 's', items, weight: 2 },
    { slateId: 's'.repeat(200), items },
    { slateId: 'é'.repeat(90), items },
    { slateId: 's', items: Array.from({ length: 1e6 }, () => items[0]) },
    cyclic,
    null,
    { slateId: '', items },
    { slateId: 's', items: [{ itemId: 'a', position: -1 }] },
    { slateId: 's', items: [{ itemId: 'a', position: 0, propensity: 0 }] },
    { slateId: 's', items: [{ itemId: 'a', position: 0, score: Number.NaN }] },
    { slateId: 's', items, weight: 0.5 },
  ]
  slates.forEach((slate, i) =>
    expect(recorder.expose(sampleArm({ unitId: `viewer-${i}` }), { slate: slate as never }).recorded).toBe(
      'queued',
    ),
  )
  const events = await exposures()
  expect(events).toHaveLength(slates.length)
  expect(events[0]!.slate).toEqual(slates[0])
  expect(events.slice(1).every((event) => event.slate === undefined)).toBe(true)
  expect(recorder.account().leftOut).toMatchObject({ 'slate-too-large': 3, 'slate-invalid': 7 })
})

it('samples slates by the exposure id, so that the sample can be drawn again, and weighs them', async () => {
  const logged = async (sampleRate: number, weight?: number) => {
    const { recorder, exposures } = recorderWith({ slates: { sampleRate }, queue: { maximumEvents: 1e5 } })
    const slate = { slateId: 's', items, ...(weight !== undefined && { weight }) }
    for (let i = 0; i < 2_000; i++) recorder.expose(sampleArm({ unitId: `viewer-${i}` }), { slate })
    const events = await exposures()
    expect(events).toHaveLength(2_000)
    expect(recorder.account().leftOut['slate-unsampled']).toBe(events.filter((one) => !one.slate).length)
    return events.filter((event) => event.slate !== undefined)
  }
  const quarter = await logged(0.25)
  expect(quarter.length).toBeGreaterThan(420)
  expect(quarter.length).toBeLessThan(580)
  expect(quarter.every(({ slate }) => slate?.weight === 4)).toBe(true)
  // The id alone says so: base64url puts A to P first.
  expect(quarter.every((event) => /^[A-P]/.test(event.exposureId))).toBe(true)
  expect((await logged(0.25, 3)).map(({ exposureId: id }) => id)).toEqual(
    quarter.map(({ exposureId: id }) => id),
  )
  expect((await logged(0.5, 3))[0]?.slate?.weight).toBe(6)
  expect(await logged(0)).toEqual([])
  expect((await logged(1))[0]?.slate).not.toHaveProperty('weight')
})

it('records measurements as they are handed in, and refuses what would be none', async () => {
  const { recorder, sink } = recorderWith()
  const { experiment, fingerprint, phase, revision, unitType } = sampleArm()
  const measurement = {
    experiment,
    fingerprint,
    phase,
    revision,
    unitType,
    variant: 'control',
    name: 'latency',
    from: 1,
    until: 2,
    accuracy: 0.01,
    clusters: [{ cluster: 7, n: 2, mean: 0.5, m2: 0.1, zeros: 0, bins: [[-35, 2]] as [number, number][] }],
  }
  expect(recorder.measure(measurement).recorded).toBe('queued')
  const cyclic = { ...measurement, clusters: [] as unknown[] }
  cyclic.clusters.push(cyclic)
  for (const wrong of [{ name: '' }, { from: Number.NaN }, { clusters: [] }, { clusters: {} }])
    expect(recorder.measure({ ...measurement, ...wrong } as never).recorded).toBe('dropped')
  for (const wrong of [null, {}, cyclic]) expect(recorder.measure(wrong as never).recorded).toBe('dropped')
  const account = await recorder.close()
  expect(account.summaries).toMatchObject({ offered: 9, delivered: 2, dropped: { invalid: 7 } })
  const [first] = sink.events()
  expect(parseLogEvent(first)).toMatchObject({ ok: true })
  expect(first).toMatchObject({
    schema: 'fairtrial.measurement/1',
    sequence: 1,
    producerId: 'p',
    ...measurement,
  })
  expect(recorder.measure(measurement).recorded).toBe('closed')
})
