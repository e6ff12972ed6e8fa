import { MeasurementEvent } from '@fairtrial/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HistogramPoint, type HistogramReading, readHistogram } from './histogram-reading.ts'

const ofVariant = (variant: string) => [
  { key: 'http.route', value: { stringValue: '/home' } },
  { key: 'feature_flag.result.variant', value: { stringValue: variant } },
]

/** Data points of these values, as an SDK makes them. */
function explicitPoint(values: readonly number[], bounds: readonly number[]): HistogramPoint {
  const counts = [...bounds, Infinity].map((bound, i) => {
    return String(values.filter((value) => value <= bound && value > (bounds[i - 1] ?? -Infinity)).length)
  })
  return { ...pointOf(values), bucketCounts: counts, explicitBounds: bounds }
}

function exponentialPoint(values: readonly number[], scale: number): HistogramPoint {
  const indices = values
    .filter((value) => value > 0)
    .map((value) => Math.ceil(Math.log2(value) * 2 ** scale) - 1)
  const offset = Math.min(...indices)
  const buckets = Array.from({ length: Math.max(...indices) - offset + 1 }, (_, i) =>
    String(indices.filter((index) => index === offset + i).length),
  )
  const zeroCount = String(values.filter((value) => value === 0).length)
  return { ...pointOf(values), scale, zeroCount, positive: { offset, bucketCounts: buckets } }
}

const pointOf = (values: readonly number[]) => ({
  attributes: ofVariant('model'),
  startTimeUnixNano: '1767225600000000000',
  timeUnixNano: '1767225610000000000',
  count: String(values.length),
  sum: values.reduce((sum, value) => sum + value, 0),
  min: Math.min(...values),
  max: Math.max(...values),
})

/** The value of a rank, by the bins. */
function valueAt({ accuracy, clusters: [cluster] }: HistogramReading, rank: number): number {
  let left = rank - cluster!.zeros
  if (left <= 0) return 0
  const [bin] = cluster!.bins.find(([, count]) => (left -= count) <= 0)!
  return ((1 + accuracy) / (1 - accuracy)) ** bin * (1 - accuracy)
}

const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
const anyValues = fc.array(fc.double({ min: 1e-3, max: 50, noNaN: true }), { minLength: 1, maxLength: 40 })

describe('a histogram with a variant', () => {
  it.each([
    ['explicit', (values: readonly number[]) => explicitPoint(values, BOUNDS)],
    ['exponential', (values: readonly number[]) => exponentialPoint(values, 3)],
  ])('tells every quantile within its error, and the mean: %s buckets', (_, pointOf) => {
    fc.assert(
      fc.property(anyValues, (values) => {
        const reading = readHistogram(pointOf(values))!
        const { n, mean } = reading.clusters[0]!
        expect(n).toBe(values.length)
        expect(mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 9)
        values
          .toSorted((a, b) => a - b)
          .forEach((value, i) => {
            const off = Math.abs(valueAt(reading, i + 1) - value)
            expect(off).toBeLessThanOrEqual(value * (reading.error + 1e-9))
          })
      }),
    )
  })

  it('says how wide its buckets are', () => {
    expect(readHistogram(exponentialPoint([1, 2], 5))!.error).toBeCloseTo(0.0108, 4)
    expect(readHistogram(explicitPoint([0.3, 0.6], [0.25, 0.5, 0.75]))!.error).toBeCloseTo(1.25 * 1.01 - 1, 9)
    const { min: _, max: __, ...open } = explicitPoint([20], BOUNDS)
    expect(readHistogram(open)!.error).toBe(Infinity)
  })

  it('is a measurement of one cluster, with its stretch of time', () => {
    const { error: _, ...reading } = readHistogram(exponentialPoint([0, 0.1, 3], 4))!
    const event = {
      schema: 'fairtrial.measurement/1',
      producerId: 'p',
      sequence: 1,
      sdk: 's',
      experiment: 'x',
      fingerprint: 'a'.repeat(64),
      phase: 1,
      revision: 1,
      unitType: 'viewer',
      name: 'latency',
      ...reading,
    }
    expect(MeasurementEvent.parse(event)).toEqual(event)
    expect(reading).toMatchObject({ variant: 'model', from: 1767225600000, until: 1767225610000 })
    expect(reading.clusters).toMatchObject([{ cluster: 0, n: 3, zeros: 1 }])
  })

  it('is nothing without a variant, or without observations', () => {
    const point = exponentialPoint([1], 3)
    expect(readHistogram({ ...point, attributes: [] })).toBeNull()
    expect(readHistogram({ ...point, count: '0' })).toBeNull()
    expect(readHistogram(point, { attribute: 'http.route' })!.variant).toBe('/home')
  })
})
