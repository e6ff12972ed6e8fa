import * as api19 from '@opentelemetry/api'
import * as api110 from '@opentelemetry/api-1.10'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, describe, expect, it } from 'vitest'
import type { EventLogger } from '@fairtrial/exposure/otel'
import { autoplay, viewer } from '../../test/autoplay.ts'
import { clientOnTrial, snapshotOf, stateFor } from '../testing/index.ts'
import { BoundedLabels } from './bounded-labels.ts'
import { instrumentClient, type InstrumentOptions } from './index.ts'

type Api = typeof api19

/** A real SDK, registered with one copy of the API; the events of API 1.9 have a logger of their own. */
function sdkOf(api: Api) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e9 })
  const meters = new MeterProvider({ readers: [reader] })
  const logs = new InMemoryLogRecordExporter()
  const loggers = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: logs })] })
  const spans = new InMemorySpanExporter()
  api.metrics.setGlobalMeterProvider(meters)
  api.trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }),
  )
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const { logs: logsApi } = api as { logs?: { setGlobalLoggerProvider(provider: unknown): boolean } }
  logsApi?.setGlobalLoggerProvider(loggers)
  return {
    spans,
    logger: loggers.getLogger('test') as unknown as EventLogger,
    events: () =>
      logs.getFinishedLogRecords().map(({ eventName, attributes }) => ({ eventName, attributes })),
    async points(name: string) {
      exporter.reset()
      await meters.forceFlush()
      const all = exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
      const points = all.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? []
      return points.map(({ value, attributes }) => ({ value, attributes }))
    },
    async everything() {
      exporter.reset()
      await meters.forceFlush()
      return JSON.stringify([
        exporter.getMetrics().map(({ scopeMetrics }) => scopeMetrics.map((scope) => scope.metrics)),
        logs.getFinishedLogRecords().map(({ body, attributes }) => ({ body, attributes })),
        spans.getFinishedSpans().map(({ attributes, events }) => ({ attributes, events })),
      ])
    },
  }
}

/** As in a new process: a copy of the API registers only with globals that are its own version's. */
const forgetSdk = () => void Reflect.deleteProperty(globalThis, Symbol.for('opentelemetry.js.api.1'))
afterEach(forgetSdk)

const lines = [
  ['1.9', api19],
  ['1.10', api110 as unknown as Api],
] as const

describe.each(lines)('instrumentClient, with a real SDK and API %s', (line, api) => {
  /** On 1.9, logs are no part of the API: a service gives a logger of its SDK. */
  function onTrial(options: InstrumentOptions = {}) {
    const sdk = sdkOf(api)
    const trial = clientOnTrial([autoplay])
    const logger = line === '1.9' ? { logger: sdk.logger } : {}
    const client = instrumentClient(trial.client, { api: api as never, ...logger, ...options })
    return { ...trial, ...sdk, client }
  }

  it('tells each evaluation and each first exposure, by the conventions', () => {
    const { client, events } = onTrial()
    const arm = client.assign(autoplay, viewer('ada'))
    expect(client.expose(arm).recorded).toBe('queued')
    expect(client.expose(arm).recorded).toBe('deduplicated')
    client.preview(autoplay, viewer('ada'))
    const attributes = {
      'feature_flag.key': 'autoplay',
      'feature_flag.provider.name': 'fairtrial',
      'feature_flag.result.reason': 'split',
      'feature_flag.result.variant': 'treatment',
      'feature_flag.version': `${autoplay.fingerprint.slice(0, 12)}/1/1`,
      'experiment.reason': 'assigned',
    }
    expect(events()).toEqual([
      { eventName: 'feature_flag.evaluation', attributes },
      { eventName: 'feature_flag.exposure', attributes },
    ])
  })

  it('says why there is no arm in the words of the conventions', async () => {
    const { client, events, source } = onTrial()
    const reasonOf = () => {
      const { attributes } = events().at(-1)!
      return [attributes['feature_flag.result.reason'], attributes['error.type']]
    }
    client.assign(autoplay, viewer(''))
    expect(reasonOf()).toEqual(['error', 'targeting_key_missing'])
    client.override('autoplay', 'ada', 'control')
    client.assign(autoplay, viewer('ada'))
    expect(reasonOf()).toEqual(['targeting_match', undefined])
    source.give(snapshotOf([stateFor(autoplay, { revision: 2, trafficPercent: 0 })]))
    client.assign(autoplay, viewer('ben'))
    expect(reasonOf()).toEqual(['default', undefined])
    source.give(snapshotOf([stateFor(autoplay, { revision: 3, status: 'aborted', trafficPercent: 0 })]))
    client.assign(autoplay, viewer('ada'))
    expect(reasonOf()).toEqual(['disabled', undefined])
    await client.close()
    client.assign(autoplay, viewer('ada'))
    expect(reasonOf()).toEqual(['error', 'provider_not_ready'])
  })

  it('counts assignments and exposures by experiment, arm and what became of them', async () => {
    const { client, points, clock } = onTrial({ transport: 'memory' })
    for (const unitId of ['ada', 'ada', 'ben']) client.expose(client.assign(autoplay, viewer(unitId)))
    client.assign(autoplay, viewer(''))
    await clock.advance(3_000)
    const of = (labels: object) => ({ experiment: 'autoplay', ...labels })
    expect(await points('experiment.assignment.count')).toEqual([
      { value: 2, attributes: of({ reason: 'assigned', variant: 'treatment' }) },
      { value: 1, attributes: of({ reason: 'assigned', variant: 'control' }) },
      { value: 1, attributes: of({ reason: 'no-unit-id' }) },
    ])
    expect(await points('experiment.exposure.count')).toEqual([
      { value: 1, attributes: of({ recorded: 'queued', variant: 'treatment' }) },
      { value: 1, attributes: of({ recorded: 'deduplicated', variant: 'treatment' }) },
      { value: 1, attributes: of({ recorded: 'queued', variant: 'control' }) },
    ])
    expect(await points('experiment.exposure.emitted')).toEqual([
      { value: 2, attributes: { transport: 'memory' } },
    ])
    expect(await points('experiment.exposure.queue.bytes')).toEqual([
      { value: 0, attributes: { transport: 'memory' } },
    ])
  })

  it('tells how old the state is', async () => {
    const { client, points, clock } = onTrial()
    client.assign(autoplay, viewer('ada'))
    await clock.advance(4_000)
    expect(await points('experiment.config.age')).toEqual([{ value: 4, attributes: {} }])
    expect(await points('experiment.config.lease')).toEqual([{ value: 26, attributes: {} }])
    expect(await points('experiment.config.reload')).toEqual([
      { value: 1, attributes: { outcome: 'success' } },
      { value: 0, attributes: { outcome: 'failure' } },
    ])
  })

  it('gives the active span the variant, where it is asked to', () => {
    const { client, spans } = onTrial({ spanAttribute: true, events: false })
    api.trace.getTracer('test').startActiveSpan('request', (span) => {
      client.assign(autoplay, viewer('ada'))
      span.end()
    })
    client.assign(autoplay, viewer('ben'))
    expect(spans.getFinishedSpans()).toMatchObject([
      { attributes: { 'feature_flag.result.variant': 'treatment' }, events: [] },
    ])
  })

  it('FAULTS 40: tells no unit, but in events where it is asked to', async () => {
    for (const unitIds of [false, true]) {
      const { client, everything, events } = onTrial({ unitIds, spanAttribute: true })
      api.trace.getTracer('test').startActiveSpan('request', (span) => {
        client.expose(client.assign(autoplay, viewer('ada@example.org')))
        client.assign(autoplay, viewer('ada@example.org\ud800'))
        client.track({ name: 'watched', ...viewer('ada@example.org') })
        span.end()
      })
      const ids = events().map(({ attributes }) => attributes['feature_flag.context.id'])
      expect(ids).toEqual(
        unitIds ? ['ada@example.org', 'ada@example.org', undefined] : Array(3).fill(undefined),
      )
      const text = await everything()
      expect(text).toContain('autoplay')
      if (!unitIds) expect(text).not.toContain('example.org')
      forgetSdk()
    }
  })

  it('has a bounded number of series, whatever experiments a service makes up', async () => {
    const { client, points } = onTrial({ events: false })
    for (let i = 0; i < 2_500; i++) {
      client.assign({ ...autoplay, key: `made-up-${i}` } as never, viewer('ada'))
    }
    const counts = await points('experiment.assignment.count')
    expect(counts.length).toBeLessThanOrEqual(2_001)
    const sum = counts.reduce((sum, { value }) => sum + (value as number), 0)
    expect(sum).toBe(2_500)
  })

  it('is heard by an SDK that comes after it', async () => {
    const { client: inner } = clientOnTrial([autoplay])
    const client = instrumentClient(inner, { api: api as never })
    client.assign(autoplay, viewer('ada'))
    const { points } = sdkOf(api)
    client.assign(autoplay, viewer('ada'))
    expect(await points('experiment.assignment.count')).toMatchObject([{ value: 1 }])
    expect(await points('experiment.config.age')).toHaveLength(1)
    expect(await points('experiment.exposure.emitted')).toHaveLength(1)
  })
})

it('labels are made once a series, and of what comes after the last there is one', () => {
  const labels = new BoundedLabels('reason')
  const first = labels.of('autoplay', null, 'aborted')
  expect(first).toEqual({ experiment: 'autoplay', reason: 'aborted' })
  for (let i = 0; i < 5_000; i++) labels.of(`made-up-${i}`, 'treatment', 'assigned')
  expect(labels.of('made-up-4999', 'treatment', 'assigned')).toEqual({
    experiment: 'other',
    reason: 'assigned',
  })
  expect(labels.of('autoplay', null, 'aborted')).toBe(first)
})

describe('instrumentClient', () => {
  it('makes events of the active span where the API has no logs, and nobody gave a logger', () => {
    const { spans } = sdkOf(api19)
    const client = instrumentClient(clientOnTrial([autoplay]).client)
    api19.trace.getTracer('test').startActiveSpan('request', (span) => {
      client.expose(client.assign(autoplay, viewer('ada')))
      span.end()
    })
    expect(spans.getFinishedSpans()[0]!.events).toMatchObject([
      { name: 'feature_flag.evaluation', attributes: { 'feature_flag.key': 'autoplay' } },
      { name: 'feature_flag.exposure' },
    ])
  })

  it('changes nothing that a client does, with an SDK or without', async () => {
    for (const isHeard of [false, true]) {
      if (isHeard) sdkOf(api19)
      const plain = clientOnTrial([autoplay])
      const told = clientOnTrial([autoplay])
      const client = instrumentClient(told.client)
      for (const unit of [viewer('ada'), viewer('ben'), viewer(''), undefined, null]) {
        const arm = client.assign(autoplay, unit as never)
        expect(arm).toEqual(plain.client.assign(autoplay, unit as never))
        expect(client.expose(arm).recorded).toBe(plain.client.expose(arm).recorded)
      }
      expect(client.preview(autoplay, viewer('ada'))).toEqual(plain.client.preview(autoplay, viewer('ada')))
      await Promise.all([client.close(), plain.client.close()])
      const withoutProducer = (events: readonly object[]) =>
        events.map((event) => ({ ...event, producerId: '' }))
      expect(withoutProducer(told.sink.events())).toEqual(withoutProducer(plain.sink.events()))
    }
  })

  it('goes on when a logger or a meter throws', () => {
    const thrower = () => {
      throw new Error('no room')
    }
    const logger = { emit: thrower }
    const client = instrumentClient(clientOnTrial([autoplay]).client, { logger })
    const arm = client.assign(autoplay, viewer('ada'))
    expect(arm.variant).toBe('treatment')
    expect(client.expose(arm).recorded).toBe('queued')
  })

  it('asks a logger first whether it wants an event', () => {
    let emitted = 0
    const logger = { emit: () => void emitted++, enabled: () => false }
    const client = instrumentClient(clientOnTrial([autoplay]).client, { logger })
    client.assign(autoplay, viewer('ada'))
    expect(emitted).toBe(0)
  })
})

describe('FAULTS 74: two copies of the API do no harm', () => {
  it('an SDK of the newer is heard through the older', async () => {
    const { points } = sdkOf(api110 as unknown as Api)
    const client = instrumentClient(clientOnTrial([autoplay]).client, { api: api19 as never })
    expect(client.assign(autoplay, viewer('ada')).variant).toBe('treatment')
    expect(await points('experiment.assignment.count')).toMatchObject([{ value: 1 }])
  })

  it('an SDK of the older hears nothing through the newer, unless it is given its copy; arms stay what they are', async () => {
    const { points } = sdkOf(api19)
    const newer = instrumentClient(clientOnTrial([autoplay]).client, {
      api: api110 as never,
      spanAttribute: true,
    })
    const arm = newer.assign(autoplay, viewer('ada'))
    expect(arm.variant).toBe('treatment')
    expect(newer.expose(arm).recorded).toBe('queued')
    expect(await points('experiment.assignment.count')).toEqual([])
    const older = instrumentClient(clientOnTrial([autoplay]).client, { api: api19 as never })
    older.assign(autoplay, viewer('ada'))
    expect(await points('experiment.assignment.count')).toMatchObject([{ value: 1 }])
  })
})
