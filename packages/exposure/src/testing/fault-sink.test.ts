import type { ExposureEvent } from '@fairtrial/protocol'
import { expect, it } from 'vitest'
import { batchOf, memorySink } from '../index.ts'
import { fakeClock, type Faults, faultSink, sampleExposure, seededRandom } from './index.ts'

const batches = Array.from({ length: 40 }, (_, batch) =>
  batchOf(
    Array.from({ length: 25 }, (_, line) =>
      sampleExposure({ unitId: `viewer-${batch}-${line}`, sequence: 25 * batch + line + 1 }),
    ),
  ),
)

async function through(faults: Faults, seed = 1) {
  const memory = memorySink()
  const sink = faultSink(memory, faults, seededRandom(seed), fakeClock())
  let failed = 0
  const refused: number[] = []
  for (const [index, batch] of batches.entries()) {
    try {
      const { rejected } = await sink.deliver(batch)
      refused.push(...rejected.map(({ line }) => 25 * index + line))
    } catch {
      failed++
    }
  }
  await sink.close()
  const events = () => memory.events() as ExposureEvent[]
  return {
    lines: memory.lines,
    events,
    numbers: () => events().map(({ sequence }) => sequence),
    failed,
    refused,
  }
}

const all = Array.from({ length: 1_000 }, (_, i) => i + 1)
const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)

it('without faults is as if it were not there', async () => {
  const { numbers, failed } = await through({})
  expect(numbers()).toEqual(all)
  expect(failed).toBe(0)
})

it('acknowledges what it drops, and stores the rest', async () => {
  const { numbers, failed, refused } = await through({ drop: 0.1 })
  expect(failed + refused.length).toBe(0)
  expect(numbers().length).toBeGreaterThan(850)
  expect(numbers().length).toBeLessThan(950)
})

it('stores some lines twice, one behind the other', async () => {
  const { numbers } = await through({ duplicate: 0.1 })
  expect([...new Set(numbers())]).toEqual(all)
  expect(numbers().length).toBeGreaterThan(1_050)
})

it('loses nothing by another order, also of batches', async () => {
  const { numbers } = await through({ reorder: 0.5 })
  expect(sorted(numbers())).toEqual(all)
  const late = numbers().filter((number, i) => Math.abs(number - i - 1) > 25)
  expect(late.length).toBeGreaterThan(50)
})

it('shifts times, and nothing else', async () => {
  const { events } = await through({ skew: 0.2, skewMs: -5_000 })
  const { exposedAt } = sampleExposure()
  const skewed = events().filter((event) => event.exposedAt !== exposedAt)
  expect(skewed.length).toBeGreaterThan(140)
  expect(skewed.length).toBeLessThan(260)
  expect(new Set(skewed.map((event) => event.exposedAt))).toEqual(new Set([exposedAt - 5_000]))
  expect(events().map(({ sequence }) => sequence)).toEqual(all)
})

it('cuts lines off', async () => {
  const { lines } = await through({ truncate: 0.1 })
  const torn = lines.filter((line) => !line.endsWith('}'))
  expect(torn.length).toBeGreaterThan(50)
  for (const line of torn) expect(() => JSON.parse(line) as unknown).toThrow()
})

it('names the lines that it refuses by their places in the batch that came', async () => {
  const { numbers, refused } = await through({ reject: 0.2, duplicate: 0.5, reorder: 0 })
  expect(refused.length).toBeGreaterThan(140)
  expect(sorted([...new Set(numbers()), ...refused])).toEqual(all)
})

it('fails before it stores, or after', async () => {
  const before = await through({ fail: 0.3 })
  expect(before.lines.length).toBe(25 * (40 - before.failed))
  const after = await through({ unanswered: 0.3 })
  expect(after.lines.length).toBe(1_000)
  expect(Math.min(before.failed, after.failed)).toBeGreaterThan(4)
})

it('does the same for the same seed, and composes', async () => {
  const faults = { drop: 0.1, duplicate: 0.1, reorder: 0.3, skew: 0.1, truncate: 0.1, fail: 0.1, reject: 0.1 }
  const once = await through(faults, 7)
  expect(await through(faults, 7).then(({ lines }) => lines)).toEqual(once.lines)
  expect(await through(faults, 8).then(({ lines }) => lines)).not.toEqual(once.lines)
  const memory = memorySink()
  const inner = faultSink(memory, { duplicate: 1 }, seededRandom(1), fakeClock())
  const sink = faultSink(inner, { duplicate: 1 }, seededRandom(1), fakeClock())
  await sink.deliver(batches[0]!)
  expect(memory.lines).toHaveLength(100)
})

it('refuses a share that is none, and what is no sink', () => {
  const refused = (faults: object, message: RegExp, sink: object = memorySink()) =>
    expect(() => faultSink(sink as never, faults, Math.random, fakeClock())).toThrow(
      expect.objectContaining({ code: 'invalid-argument', message: expect.stringMatching(message) }),
    )
  for (const fault of 'fail unanswered reject drop duplicate reorder skew truncate delay'.split(' ')) {
    refused({ [fault]: 3 }, new RegExp(`faultSink\\.${fault} is 3\\. Give a share from 0 to 1`))
    refused({ [fault]: -0.1 }, /is -0\.1/)
    refused({ [fault]: '10%' }, /is 10%/)
  }
  refused({ delayMs: Number.NaN }, /delayMs is NaN/)
  refused({}, /has no sink/, {})
})
