import type { LogEvent, MeasuredCluster, MeasurementEvent } from '@fairtrial/protocol'
import { TrialSummary } from '@fairtrial/protocol'
import { momentsOf, sketchOf } from '@fairtrial/statistics'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectSame } from '../test/expect-same.ts'
import { richTrial } from '../test/rich-trial.ts'
import { createFold, foldEvents, summaryOf } from './fold.ts'
import { mergeSummaries } from './merge-summaries.ts'
import { summarize } from './summarize.ts'
import { summarizeTable } from './summarize-table.ts'

const MEASURED = { source: 'measurements', role: 'secondary', direction: 'decrease' } as const

const trial = richTrial({
  metrics: {
    orders: { type: 'count', role: 'primary', direction: 'increase', window: '1d' },
    latency: { ...MEASURED, type: 'mean' },
    tail: { ...MEASURED, type: 'quantile', quantile: 0.95, event: 'latency' },
    errors: { ...MEASURED, type: 'proportion' },
  },
})

/** What an observer makes of numbers. */
function clusterOf(cluster: number, values: readonly number[], accuracy = 0.01): MeasuredCluster {
  const { zeros, positive } = sketchOf(values, { accuracy })
  return { cluster, ...momentsOf(values), zeros, bins: positive }
}

let sequence = 0
function measurement(
  clusters: readonly MeasuredCluster[],
  changes: Partial<MeasurementEvent> = {},
): MeasurementEvent {
  sequence += 1
  return {
    schema: 'fairtrial.measurement/1',
    producerId: 'p',
    sequence,
    sdk: 'test',
    experiment: trial.key,
    fingerprint: trial.fingerprint,
    phase: 1,
    revision: 1,
    unitType: trial.unitType,
    variant: 'control',
    name: 'latency',
    from: 0,
    until: 1_000,
    accuracy: 0.01,
    clusters,
    ...changes,
  }
}

const read = (events: readonly LogEvent[], asOf = 10_000) => {
  const summary = summarize(trial, events, { asOf, phase: 1 })
  expect(TrialSummary.parse(JSON.parse(JSON.stringify(summary)))).toEqual(summary)
  return summary
}

describe('measurements', () => {
  it('come to the sums by cluster of all that was measured, for every metric that names them', () => {
    const { metrics, newestEventAt } = read([
      measurement([clusterOf(3, [0.1, 0.2]), clusterOf(9, [0, 5])]),
      measurement([clusterOf(3, [0.3])], { until: 2_000 }),
      measurement([clusterOf(7, [1, 0, 0])], { name: 'errors', variant: 'model' }),
    ])
    const latency = metrics['latency']!['control']!
    expectSame(latency.measured!.clusters, [clusterOf(3, [0.1, 0.2, 0.3]), clusterOf(9, [0, 5])])
    expectSame(latency.closed, momentsOf([0.1, 0.2, 0.3, 0, 5]))
    expect(latency.current).toEqual(latency.closed)
    expect(metrics['tail']!['control']).toEqual(latency)
    expect(metrics['errors']!['model']!.closed).toMatchObject({ n: 3, mean: 1 / 3 })
    expect(metrics['errors']!['control']).toEqual({
      closed: { n: 0, mean: 0, m2: 0 },
      current: { n: 0, mean: 0, m2: 0 },
      missing: 0,
    })
    expect(newestEventAt).toBe(2_000)
  })

  it('count once, though they are delivered again', () => {
    const [a, b] = [measurement([clusterOf(1, [1])]), measurement([clusterOf(1, [3])])]
    const { metrics, counts } = read([a, b, a, structuredClone(b)])
    expect(metrics['latency']!['control']!.closed).toMatchObject({ n: 2, mean: 2 })
    expect(counts.repeatedMeasurements).toBe(2)
    const fromTwo = read([a, { ...a, producerId: 'q' }])
    expect(fromTwo.metrics['latency']!['control']!.closed.n).toBe(2)
  })

  it('count both where two writers call themselves alike, however often each is delivered', () => {
    const first = measurement([clusterOf(1, [1])])
    const { producerId, sequence } = first
    const others = [
      measurement([clusterOf(1, [3])], { producerId, sequence }),
      measurement([clusterOf(2, [5])], { producerId, sequence, name: 'errors' }),
      measurement([clusterOf(1, [1])], { producerId, sequence, variant: 'model' }),
      measurement([clusterOf(1, [1])], { producerId, sequence, until: 2_000 }),
    ]
    const received = [first, ...others].map((event) => ({ ...event, receivedAt: 3_000 }))
    const { metrics, counts } = read([first, ...others, ...received, ...others.toReversed()])
    expect(metrics['latency']!['control']!.closed).toMatchObject({ n: 3, mean: 5 / 3 })
    expect(metrics['errors']!['control']!.closed).toMatchObject({ n: 1, mean: 5 })
    expect(metrics['latency']!['model']!.closed).toMatchObject({ n: 1, mean: 1 })
    expect(counts.repeatedMeasurements).toBe(9)
  })

  it('of another definition, phase, unit type or variant are set aside and counted', () => {
    const clusters = [clusterOf(1, [1])]
    const { metrics, counts } = read([
      measurement(clusters, { fingerprint: 'f'.repeat(64) }),
      measurement(clusters, { phase: 2 }),
      measurement(clusters, { unitType: 'device' }),
      measurement(clusters, { variant: 'gone' }),
      measurement(clusters, { experiment: 'other' }),
      measurement(clusters, { name: 'unread' }),
    ])
    expect(metrics['latency']!['control']!.closed.n).toBe(0)
    expect(counts.foreignMeasurements).toBe(4)
  })

  it('count from when they were made, and from when they were received where a clock runs ahead', () => {
    const fold = createFold(trial, { phase: 1 })
    foldEvents(fold, [
      measurement([clusterOf(1, [1])], { until: 1_000 }),
      measurement([clusterOf(1, [1])], { until: 2_000 }),
      measurement([clusterOf(1, [1])], { until: 9e12, receivedAt: 3_000 }),
    ])
    const countAt = (asOf: number) => summaryOf(fold, asOf).metrics['latency']!['control']!.closed.n
    expect([999, 1_000, 1_999, 2_000, 2_999, 3_000].map(countAt)).toEqual([0, 1, 1, 2, 2, 3])
    expect(summaryOf(fold, 3_000).newestEventAt).toBe(3_000)
  })

  it('say the same in any order and in any portions, and merged', () => {
    const anyEvent = fc
      .record({
        cluster: fc.nat(255),
        values: fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 5 }),
        variant: fc.constantFrom('control', 'model'),
        accuracy: fc.constantFrom(0.01, 0.02),
      })
      .map(({ cluster, values, variant, accuracy }) =>
        measurement([clusterOf(cluster, values, accuracy)], { variant, accuracy }),
      )
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), fc.nat(12), (events, cut) => {
        const whole = read(events)
        expectSame(read(events.toReversed()), whole)
        expectSame(read([...events.slice(cut), ...events]).metrics, whole.metrics)
        const merged = mergeSummaries(read(events.slice(0, cut)), read(events.slice(cut)))
        expectSame(merged.metrics['latency']!['model']!.closed, whole.metrics['latency']!['model']!.closed)
      }),
    )
  })

  it('of another accuracy go into the coarser bins, off by both accuracies at the most', () => {
    const values = [0.05, 0.5, 5, 50]
    const { metrics } = read([
      measurement([clusterOf(1, values, 0.001)], { accuracy: 0.001 }),
      measurement([clusterOf(2, [1], 0.02)], { accuracy: 0.02 }),
    ])
    const { accuracy, clusters } = metrics['latency']!['control']!.measured!
    expect(accuracy).toBe(0.02)
    const gamma = 1.02 / 0.98
    clusters[0]!.bins.forEach(([bin], i) => {
      const value = gamma ** bin * 0.98
      expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(0.021 * values[i]!)
    })
  })

  it('are none in a table', () => {
    const table = [
      ['arm', 'orders'],
      ['control', '1'],
    ]
    const { summary } = summarizeTable(trial, table, { variantColumn: 'arm' })
    expect(summary.metrics['latency']!['control']!.closed.n).toBe(0)
    expect(summary.metrics['orders']!['control']!.closed.n).toBe(1)
  })
})
