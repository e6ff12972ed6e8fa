// Prints how often the sequential methods err, by seeded simulation through `evaluate` and `sampleRatioTest`:
//   pnpm -C packages/sequential error-rates
import type { Comparison, Experiment, ExperimentDefinition } from '@fairtrial/protocol'
import { accumulate, accumulatedMoments, createAccumulator, isEstimable } from '@fairtrial/statistics'
import { evaluate, sampleRatioTest } from '../src/index.ts'
import { summaryOf, trial } from './trial.ts'

type Random = () => number
type Draw = (random: Random) => number

/** mulberry32: 32 bits of state, seeded. */
function createRandom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const rate =
  (p: number): Draw =>
  (random) =>
    random() < p ? 1 : 0
const lognormal =
  (sd: number, scale = 1): Draw =>
  (random) =>
    scale * Math.exp(sd * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()))

const print = (...cells: readonly unknown[]): void => console.log(cells.map(String).join('  '))
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

interface Plan {
  readonly margin?: { readonly absolute: number } | { readonly relative: number }
  readonly minimumUnits?: number
  readonly direction?: 'increase' | 'decrease'
}

function trialOf({
  margin = { absolute: 0.05 },
  minimumUnits = 100,
  direction = 'decrease',
}: Plan): Experiment {
  const { metrics } = trial()
  return trial({
    analysis: { method: 'asymptotic-cs', tuneAt: 10_000, alpha: 0.05, falseAbortAlpha: 0.05 },
    metrics: { ...metrics, errors: { ...metrics['errors']!, direction } },
    guardrails: [{ metric: 'errors', margin, action: 'abort', evidence: { minimumUnits } }],
  } as Partial<ExperimentDefinition>)
}

interface Run {
  readonly trials: number
  /** Units of the treatment arm at each look. */
  readonly looks: readonly number[]
  /** Units of control for one of the treatment. */
  readonly ratio?: number
}

/** The share of trials in which some look has the verdict. */
function everShare(
  experiment: Experiment,
  [control, model]: readonly [Draw, Draw],
  isCalled: (guarded: Comparison, compared: Comparison) => boolean,
  { trials, looks, ratio = 1 }: Run,
): number {
  const random = createRandom(1)
  let called = 0
  for (let i = 0; i < trials; i++) {
    const c = createAccumulator()
    const t = createAccumulator()
    for (const units of looks) {
      while (t.n < units) {
        accumulate(t, model(random))
        for (let k = 0; k < ratio; k++) accumulate(c, control(random))
      }
      const values = { control: accumulatedMoments(c), model: accumulatedMoments(t) }
      const { metrics } = evaluate(experiment, summaryOf(experiment, { errors: values, watched: values }))
      if (!isCalled(metrics['errors']!.comparisons['model']!, metrics['watched']!.comparisons['model']!))
        continue
      called++
      break
    }
  }
  return called / trials
}

const isBreach = (guarded: Comparison): boolean => guarded.verdict === 'breach'
const isDifferent = (_: Comparison, compared: Comparison): boolean => compared.verdict !== 'unknown'
const every = (step: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (i + 1) * step)
/** Sixty sizes, each so many times the one before. */
const growing = (from: number, to: number): number[] =>
  Array.from({ length: 60 }, (_, i) => Math.round(from * (to / from) ** (i / 59)))

print('A treatment exactly at its margin is aborted at some of 1,000 looks (at most 5 %)')
for (const [name, base, margin, step] of [
  ['20 % + 5 points', 0.2, { absolute: 0.05 }, 20],
  ['20 % × 1.25', 0.2, { relative: 0.25 }, 20],
  ['1 % + 1 point', 0.01, { absolute: 0.01 }, 50],
] as const) {
  const worse = 'absolute' in margin ? base + margin.absolute : base * (1 + margin.relative)
  const run = { trials: 100, looks: every(step, 1_000) }
  print(
    ' ',
    name.padEnd(18),
    percent(everShare(trialOf({ margin }), [rate(base), rate(worse)], isBreach, run)),
  )
}

print(
  'Two arms alike are called different at some of 60 looks up to 3,000 units in the smaller arm (at most 5 %), by the units at the first look',
)
for (const [name, draw] of [
  ['rate of 20 %', rate(0.2)],
  ['rate of 1 %', rate(0.01)],
  ['lognormal, sd 2', lognormal(2)],
] as const) {
  for (const ratio of [1, 5]) {
    const cells = [10, 100, 1_000].map((from) => {
      const share = everShare(trialOf({}), [draw, draw], isDifferent, {
        trials: 200,
        looks: growing(from, 3_000),
        ratio,
      })
      return `${from}: ${percent(share)}`
    })
    print(' ', name.padEnd(18), `${ratio} : 1`, ...cells)
  }
}

print(
  'A lognormal (sd 2) mean that is 20 % worse, its margin, is aborted at some of 60 looks up to 20,000 units (at most 5 %), by minimumUnits',
)
for (const ratio of [1, 5]) {
  const cells = [100, 1_000, 10_000].map((minimumUnits) => {
    const experiment = trialOf({ margin: { relative: 0.2 }, minimumUnits, direction: 'increase' })
    const run = { trials: 200, looks: growing(minimumUnits, 20_000), ratio }
    return `${minimumUnits}: ${percent(everShare(experiment, [lognormal(2), lognormal(2, 0.8)], isBreach, run))}`
  })
  print(' ', `${ratio} : 1`, ...cells)
}

print(
  'The sample ratio test below 0.001 at some of 1,000 looks (at most 0.1 %), and units until it finds a loss in one arm',
)
function alarms(share: number, step: number, looks: number, trials: number): readonly number[] {
  const random = createRandom(3)
  return Array.from({ length: trials }, () => {
    const counts: [number, number] = [0, 0]
    for (let look = 1; look <= looks; look++) {
      for (let unit = 0; unit < step; unit++) counts[random() < share ? 0 : 1]++
      const test = sampleRatioTest([{ counts, weights: [1, 1] }])
      if (isEstimable(test) && test.pValue < 0.001) return look * step
    }
    return Number.POSITIVE_INFINITY
  }).toSorted((a, b) => a - b)
}
print('  fair              ', percent(alarms(0.5, 20, 1_000, 5_000).filter(Number.isFinite).length / 5_000))
for (const [loss, step] of [
  [0.02, 2_000],
  [0.15, 100],
] as const) {
  const found = alarms(1 / (2 - loss), step, 300, 200)
  print(`  ${percent(loss)} lost`.padEnd(20), `half by ${found[99]}, nine in ten by ${found[179]}`)
}

print('A hard limit aborts a healthy arm in its first 2,000 units, by the minimumUnits of the limit')
for (const [healthy, worst] of [
  [0.02, 0.2],
  [0.05, 0.2],
  [0.1, 0.3],
] as const) {
  const random = createRandom(9)
  const cells = [10, 30, 100].map((minimumUnits) => {
    let aborted = 0
    for (let i = 0; i < 10_000; i++) {
      for (let n = 1, happened = 0; n <= 2_000; n++) {
        if (random() < healthy) happened++
        if (n < minimumUnits || happened / n <= worst) continue
        aborted++
        break
      }
    }
    return `${minimumUnits}: ${percent(aborted / 10_000)}`
  })
  print(`  ${percent(healthy)}, limit ${percent(worst)}`.padEnd(24), ...cells)
}
