import { context, propagation, SpanKind, SpanStatusCode, trace, metrics } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Arm, createRecorder, memorySink, type Sink } from '../index.ts'
import { observeLag, observeRecorder, tracedSink, traceParent } from './index.ts'

const arm = (unitId: string): Arm => ({
  experiment: 'autoplay',
  unitType: 'viewer',
  unitId,
  reason: 'assigned',
  variant: 'treatment',
  bucket: 7,
  seed: 11,
  propensity: 0.5,
  treatmentVersion: null,
  fingerprint: 'f'.repeat(64),
  phase: 1,
  revision: 1,
})

const spans = new InMemorySpanExporter()
let exported: InMemoryMetricExporter
let meters: MeterProvider

/** Every point by the name of its metric. */
async function collected(): Promise<{ [name: string]: { value: unknown; attributes: object }[] }> {
  exported.reset()
  await meters.forceFlush()
  const all = exported
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
  return Object.fromEntries(
    all.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      dataPoints.map(({ value, attributes }) => ({ value, attributes })),
    ]),
  )
}

beforeEach(() => {
  exported = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: exported, exportIntervalMillis: 1e9 })
  meters = new MeterProvider({ readers: [reader] })
  metrics.setGlobalMeterProvider(meters)
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
})

afterEach(async () => {
  for (const api of [metrics, trace, context, propagation]) api.disable()
  spans.reset()
  await meters.shutdown()
})

describe('observeRecorder', () => {
  it('tells the account and the queue whenever an SDK collects', async () => {
    let now = 0
    const clock = { now: () => now, monotonic: () => now }
    const recorder = createRecorder({ sink: memorySink(), report: false, queue: { maximumEvents: 3 } })
    observeRecorder(recorder, { transport: 'kafka', clock })
    await collected()
    for (const unitId of ['ada', 'ada', 'ben', 'cleo', 'dora', '']) recorder.expose(arm(unitId))
    now = 5_000
    const before = await collected()
    const labels = { transport: 'kafka' }
    expect(before).toMatchObject({
      'experiment.exposure.emitted': [{ value: 0, attributes: labels }],
      'experiment.exposure.deduplicated': [{ value: 1, attributes: labels }],
      'experiment.exposure.queue.size': [{ value: 3, attributes: labels }],
      'experiment.exposure.spool.size': [{ value: 0, attributes: labels }],
      'experiment.exposure.queue.oldest_age': [{ value: 5, attributes: labels }],
      'experiment.delivery.failing': [{ value: 0, attributes: labels }],
    })
    expect(before['experiment.exposure.dropped']).toEqual([
      { value: 1, attributes: { ...labels, reason: 'queue_full' } },
      { value: 1, attributes: { ...labels, reason: 'invalid' } },
    ])
    expect(before['experiment.delivery.lost']).toContainEqual({
      value: 1,
      attributes: { ...labels, kind: 'exposure', reason: 'queue_full' },
    })
    expect(before['experiment.exposure.queue.bytes']![0]!.value).toBeGreaterThan(600)
    await recorder.close()
    expect(await collected()).toMatchObject({
      'experiment.exposure.emitted': [{ value: 3 }],
      'experiment.exposure.queue.size': [{ value: 0 }],
      'experiment.exposure.queue.oldest_age': [{ value: 0 }],
    })
  })

  it('FAULTS 40: names no unit, whatever happens to it', async () => {
    const recorder = createRecorder({ sink: memorySink(), queue: { maximumEvents: 1 } })
    observeRecorder(recorder)
    for (let i = 0; i < 5; i++) recorder.expose(arm(`ada-${i}@example.org`))
    expect(JSON.stringify(await collected())).not.toContain('ada')
    await recorder.close()
    expect(JSON.stringify(await collected())).not.toContain('ada')
  })

  it('is heard by an SDK that comes later, when it is refreshed', async () => {
    metrics.disable()
    const recorder = createRecorder({ sink: memorySink() })
    const observed = observeRecorder(recorder)
    metrics.setGlobalMeterProvider(meters)
    expect(await collected()).toEqual({})
    observed.refresh()
    observed.refresh()
    expect((await collected())['experiment.exposure.emitted']).toHaveLength(1)
    await recorder.close()
  })
})

it('observeLag tells how far a reader is behind, by partition', async () => {
  observeLag(() => ({ 'exposures/0': 12, 'exposures/1': 0 }))
  expect((await collected())['experiment.log.lag']).toEqual([
    { value: 12, attributes: { partition: 'exposures/0' } },
    { value: 0, attributes: { partition: 'exposures/1' } },
  ])
})

describe('tracedSink', () => {
  it('makes a span of each delivery, a trace of its own, around what the transport does', async () => {
    const inner = memorySink()
    const inside: unknown[] = []
    const sink: Sink = {
      deliver(batch) {
        inside.push(trace.getActiveSpan()?.spanContext().traceId)
        return inner.deliver(batch)
      },
      close: () => inner.close(),
    }
    const recorder = createRecorder({ sink: tracedSink(sink, { transport: 'http' }), report: false })
    await trace.getTracer('test').startActiveSpan('request', async (request) => {
      recorder.expose(arm('ada@example.org'))
      await recorder.close()
      request.end()
    })
    const [delivery, request] = spans.getFinishedSpans()
    expect(delivery).toMatchObject({
      name: 'experiment.deliver',
      kind: SpanKind.PRODUCER,
      attributes: {
        'experiment.transport': 'http',
        'experiment.batch.events': 1,
        'experiment.batch.rejected': 0,
      },
    })
    expect(delivery!.attributes['experiment.batch.bytes']).toBeGreaterThan(200)
    expect(inside).toEqual([delivery!.spanContext().traceId])
    expect(delivery!.spanContext().traceId).not.toBe(request!.spanContext().traceId)
    expect(JSON.stringify(delivery!.attributes)).not.toContain('ada')
  })

  it('tells of a failure, and lets it through', async () => {
    const failing: Sink = {
      deliver: () => Promise.reject(Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' })),
      close: async () => undefined,
    }
    const batch = { content: new Uint8Array(3), count: 1, kinds: ['outcome'], unitIds: ['ada'] } as const
    await expect(tracedSink(failing).deliver(batch)).rejects.toThrow('no route')
    expect(spans.getFinishedSpans()).toMatchObject([
      {
        status: { code: SpanStatusCode.ERROR, message: 'no route' },
        attributes: { 'error.type': 'EHOSTUNREACH' },
      },
    ])
  })

  it('costs nothing but the call without an SDK', async () => {
    for (const api of [metrics, trace, context]) api.disable()
    const sink = memorySink()
    const recorder = createRecorder({ sink: tracedSink(sink), report: false })
    recorder.expose(arm('ada'))
    await recorder.close()
    expect(sink.events()).toHaveLength(1)
  })
})

describe('traceParent', () => {
  it('is that of the request under way, and stands in its events', async () => {
    const sink = memorySink()
    const recorder = createRecorder({ sink, traceparent: traceParent(), report: false })
    const parent = trace.getTracer('test').startActiveSpan('request', (span) => {
      recorder.expose(arm('ada'))
      const { traceId, spanId } = span.spanContext()
      return `00-${traceId}-${spanId}-01`
    })
    recorder.expose(arm('ben'))
    await recorder.close()
    expect(sink.events()).toMatchObject([{ unitId: 'ada', traceparent: parent }, { unitId: 'ben' }])
    expect(sink.events()[1]).not.toHaveProperty('traceparent')
  })

  it('is none where the span that is active is no real one', () => {
    trace.disable()
    const told = trace.getTracer('test').startActiveSpan('request', () => traceParent()())
    expect(told).toBeUndefined()
  })
})
