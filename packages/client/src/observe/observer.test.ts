import { type Arm, createRecorder, type Measurement, memorySink } from '@fairtrial/exposure'
import { hashUtf8 } from '@fairtrial/assignment'
import { MeasurementEvent } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { fakeClock } from '../testing/index.ts'
import { createObserver } from './observer.ts'
import type { ObserverOptions } from './observer-doors.ts'

const armOf = (unitId: string, changes: Partial<Arm> = {}): Arm => ({
  experiment: 'ranking',
  unitType: 'viewer',
  unitId,
  reason: 'assigned',
  variant: 'model',
  bucket: 7,
  seed: 1,
  propensity: 0.5,
  treatmentVersion: null,
  fingerprint: 'a'.repeat(64),
  phase: 1,
  revision: 3,
  ...changes,
})

function observerOf(options: Partial<ObserverOptions> = {}) {
  const clock = fakeClock(1_000)
  const taken: Measurement[] = []
  const recorder = {
    measure(measurement: Measurement) {
      taken.push(structuredClone(measurement))
      return { recorded: 'queued', durable: Promise.resolve(true) } as const
    },
  }
  return { observer: createObserver({ recorder, clock, timers: clock, ...options }), clock, taken }
}

const close = (value: number) => expect.closeTo(value, 12)
const cluster = (unitId: string, experiment = 'ranking') =>
  hashUtf8(unitId, hashUtf8(`measurement\0${experiment}`) >>> 1) >>> 24

describe('an observer', () => {
  it('hands the sums of each arm over, by name and cluster of the unit', async () => {
    const { observer, clock, taken } = observerOf()
    const seconds: Record<string, number[]> = { ada: [0.1, 0.12, 3], ben: [0, 0.2] }
    for (const [unitId, values] of Object.entries(seconds)) {
      observer.inScope(armOf(unitId), () => values.forEach((value) => observer.observe('latency', value)))
    }
    observer.inScope(armOf('eve', { variant: 'control' }), () => observer.observe('errors', 1))
    await clock.advance(9_999)
    expect(taken).toEqual([])
    await clock.advance(1)
    const expected = [
      { cluster: cluster('ada'), n: 3, mean: close(3.22 / 3), m2: close(9.0244 - 3.22 ** 2 / 3), zeros: 0 },
      { cluster: cluster('ben'), n: 2, mean: close(0.1), m2: close(0.02), zeros: 1 },
    ].map((sums) => expect.objectContaining(sums))
    expected.sort((a, b) => a.sample.cluster - b.sample.cluster)
    const arm = {
      experiment: 'ranking',
      fingerprint: 'a'.repeat(64),
      phase: 1,
      revision: 3,
      unitType: 'viewer',
    }
    expect(taken).toEqual([
      {
        ...arm,
        variant: 'model',
        name: 'latency',
        from: 1_000,
        until: 11_000,
        accuracy: 0.01,
        clusters: expected,
      },
      expect.objectContaining({ ...arm, variant: 'control', name: 'errors' }),
    ])
    const bins = taken[0]!.clusters.flatMap((each) => each.bins)
    expect(bins).toHaveLength(4)
    for (const value of [0.1, 0.12, 3, 0.2]) {
      const gamma = 1.01 / 0.99
      expect(bins.filter(([bin]) => gamma ** (bin - 1) < value && value <= gamma ** bin)).toEqual([
        [expect.any(Number), 1],
      ])
    }
    await clock.advance(10_000)
    expect(taken).toHaveLength(2)
    observer.inScope(armOf('ada'), () => observer.observe('latency', 1))
    await clock.advance(10_000)
    expect(taken[2]!.clusters).toEqual([
      expect.objectContaining({ cluster: cluster('ada'), n: 1, mean: 1, m2: 0 }),
    ])
  })

  it('keeps the arms of a request through whatever it awaits, apart from those of others', async () => {
    const { observer, taken } = observerOf()
    const request = (unitId: string, variant: string, ms: number) =>
      observer.inScope(armOf(unitId, { variant }), async () => {
        await new Promise((resolve) => setTimeout(resolve, ms))
        observer.observe('latency', ms)
        return unitId
      })
    expect(await Promise.all([request('ada', 'model', 5), request('ben', 'control', 2)])).toEqual([
      'ada',
      'ben',
    ])
    observer.flush()
    expect(taken.map(({ variant, clusters }) => [variant, clusters[0]!.mean])).toEqual([
      ['model', 5],
      ['control', 2],
    ])
  })

  it('attributes to an arm of each of several experiments, of one experiment to the innermost', () => {
    const { observer, taken } = observerOf()
    observer.inScope([armOf('ada'), armOf('ada', { experiment: 'autoplay' })], () => {
      observer.observe('latency', 1)
      observer.inScope(armOf('ada', { variant: 'control' }), () => observer.observe('latency', 2))
      observer.inScope(armOf('ada', { variant: null, reason: 'aborted' }), () =>
        observer.observe('latency', 4),
      )
    })
    observer.flush()
    const sums = taken.map(({ experiment, variant, clusters }) => {
      return [experiment, variant, clusters.reduce((sum, { n, mean }) => sum + n * mean, 0)]
    })
    expect(sums).toEqual([
      ['ranking', 'model', 1],
      ['autoplay', 'model', 7],
      ['ranking', 'control', 2],
    ])
  })

  it('counts what is nobody’s, and never throws', () => {
    const { observer, taken } = observerOf()
    observer.observe('latency', 1)
    observer.inScope(armOf('ada', { reason: 'stale-state', variant: null }), () =>
      observer.observe('latency', 1),
    )
    observer.inScope(armOf('\ud800'), () => observer.observe('latency', 1))
    observer.inScope(undefined as never, () => observer.observe('latency', 1))
    observer.inScope(armOf('ada'), () => {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1e200, undefined as never, '1' as never]) {
        observer.observe('latency', value)
      }
      observer.observe('', 1)
      observer.observe(undefined as never, 1)
    })
    observer.flush()
    expect(taken).toEqual([])
    expect(observer.status()).toMatchObject({ observed: 0, unattributed: 4, invalid: 7 })
    expect(() =>
      observer.inScope(armOf('ada'), () => {
        throw new Error('the request')
      }),
    ).toThrow('the request')
  })

  it('holds so many series and no more, and lets go of those that are not used', () => {
    const { observer, taken } = observerOf({ maximumSeries: 2 })
    const observe = (...names: string[]) =>
      observer.inScope(armOf('ada'), () => names.forEach((name) => observer.observe(name, 1)))
    observe('a', 'b', 'c', 'a')
    expect(observer.status()).toMatchObject({ observed: 3, refused: 1, series: 2 })
    observer.flush()
    observe('b')
    observer.flush()
    observe('c')
    observer.flush()
    expect(taken.map(({ name }) => name)).toEqual(['a', 'b', 'b', 'c'])
    expect(observer.status()).toMatchObject({ refused: 1, series: 1 })
  })

  it('hands a series over before its line is too long for a batch', () => {
    const { observer, taken } = observerOf()
    for (let unit = 0; unit < 2_000; unit++) {
      observer.inScope(armOf(`u${unit}`), () => {
        for (let i = 0; i < 30; i++) observer.observe('latency', 1.03 ** ((unit * 7 + i * 13) % 900))
      })
    }
    observer.flush()
    expect(taken.length).toBeGreaterThan(1)
    expect(taken.flatMap(({ clusters }) => clusters).reduce((sum, { n }) => sum + n, 0)).toBe(60_000)
    for (const each of taken) expect(JSON.stringify(each).length).toBeLessThan(400_000)
  })

  it('deals units into 256 clusters evenly, whatever their arm', () => {
    const counts = {
      control: Array.from({ length: 256 }, () => 0),
      model: Array.from({ length: 256 }, () => 0),
    }
    for (let i = 0; i < 51_200; i++) {
      const arm = hashUtf8(`unit-${i}`, hashUtf8('variant\0ranking') >>> 1) % 2 === 0 ? 'control' : 'model'
      counts[arm][cluster(`unit-${i}`)]! += 1
    }
    const chiSquare = Object.values(counts)
      .flat()
      .reduce((sum: number, n: number) => sum + (n - 100) ** 2 / 100, 0)
    // 511 degrees of freedom: mean 511, standard deviation 32.
    expect(chiSquare).toBeLessThan(511 + 4 * 32)
  })

  it('ends with its last sums handed over, and takes no more', () => {
    const { observer, taken } = observerOf()
    observer.inScope(armOf('ada'), () => {
      observer.observe('latency', 1)
      observer.close()
      observer.observe('latency', 2)
    })
    observer.close()
    expect(taken).toHaveLength(1)
    expect(observer.status()).toMatchObject({ observed: 1, refused: 1, handedOver: 1, series: 0 })
  })

  it('tells what the recorder did not take', () => {
    const measure = () => ({ recorded: 'closed', durable: Promise.resolve(false) }) as const
    const { observer } = observerOf({ recorder: { measure } })
    observer.inScope(armOf('ada'), () => observer.observe('latency', 1))
    observer.flush()
    expect(observer.status()).toMatchObject({ handedOver: 0, dropped: 1 })
  })

  it('writes events as the log has them', async () => {
    const sink = memorySink()
    const recorder = createRecorder({ sink })
    const observer = createObserver({ recorder })
    observer.inScope(armOf('ada'), () => observer.observe('latency', 0.25))
    observer.close()
    await recorder.close()
    const [event] = sink.events().filter(({ schema }) => schema === 'fairtrial.measurement/1')
    expect(MeasurementEvent.parse(event)).toEqual(event)
    expect(event).toMatchObject({ variant: 'model', name: 'latency', sequence: 1 })
  })

  it.each([
    [{ everyMs: 0 }, 'everyMs is 0'],
    [{ accuracy: 1 }, 'accuracy is 1'],
    [{ maximumSeries: 0 }, 'maximumSeries is 0'],
    [{ recorder: {} as never }, 'lacks the function measure'],
  ])('refuses %j', (options, message) => {
    expect(() => observerOf(options)).toThrow(
      expect.objectContaining({ code: 'invalid-argument', message: expect.stringContaining(message) }),
    )
  })
})
