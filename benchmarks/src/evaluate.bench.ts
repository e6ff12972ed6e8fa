import { summarize } from '@fairtrial/metrics'
import {
  defineExperiment,
  type Experiment,
  type ExperimentDefinition,
  type MetricSummary,
  type TrialSummary,
} from '@fairtrial/protocol'
import { evaluate } from '@fairtrial/sequential'
import { type Batch, race } from './race.ts'
import { type Row, row } from './row.ts'

const alwaysValid = { method: 'asymptotic-cs', tuneAt: 20_000 } as const
const groupSequential = { method: 'group-sequential', maximumUnits: 100_000 } as const

/** Fifty metrics, means and proportions by turns, the first of them decided by the plan's method. */
function fiftyMetrics(analysis: ExperimentDefinition['analysis']): Experiment {
  const metrics = Array.from({ length: 50 }, (_, i) => [
    `metric-${i}`,
    {
      type: i % 2 === 0 ? 'proportion' : 'mean',
      role: i === 0 ? 'primary' : 'secondary',
      direction: 'increase',
      window: '1d',
    },
  ])
  return trial(['control', 'a', 'b', 'c'], { metrics: Object.fromEntries(metrics), analysis })
}

/** The least that is looked at: one primary metric and one guardrail, in one treatment. */
function smallestTrial(): Experiment {
  return trial(['control', 'model'], {
    metrics: {
      'metric-0': { type: 'proportion', role: 'primary', direction: 'increase', window: '1d' },
      errors: { type: 'mean', role: 'guardrail', direction: 'decrease', window: '1d' },
    },
    guardrails: [{ metric: 'errors', margin: { relative: 0.05 }, action: 'abort' }],
    analysis: alwaysValid,
  })
}

function trial(
  variants: readonly string[],
  rest: Pick<ExperimentDefinition, 'metrics' | 'guardrails' | 'analysis'>,
): Experiment {
  return defineExperiment({
    key: 'looked-at',
    hypothesis: {
      change: 'nothing',
      population: 'everybody',
      metric: 'metric-0',
      direction: 'increase',
      minimumLift: { relative: 0.02 },
      horizon: '14d',
    },
    unitType: 'viewer',
    variants: variants.map((name) => ({ name, weight: 1 })),
    control: 'control',
    ramp: { stages: [{ trafficPercent: 100, holdFor: '1h', minimumUnits: 100 }] },
    ...rest,
  })
}

function summaryOf(experiment: Experiment, unitsAnArm: number): TrialSummary {
  const { variants, metrics } = experiment
  const cell = (successes: number): MetricSummary => {
    const n = unitsAnArm
    const closed = { n, mean: successes / n, m2: (successes * (n - successes)) / n }
    return { closed, current: closed, missing: 0 }
  }
  const arms = Object.fromEntries(variants.map(({ name }, i) => [name, cell(0.4 * unitsAnArm + 20 * i)]))
  return {
    ...summarize(experiment, [], { asOf: 1_000, phase: 1 }),
    units: Object.fromEntries(variants.map(({ name }) => [name, unitsAnArm])),
    metrics: Object.fromEntries(Object.keys(metrics).map((name) => [name, arms])),
    newestEventAt: 900,
  }
}

/** What was made last: kept, so that no look can be left out as useless. */
let kept: unknown

/**
 * Looks in a row, after as many to warm up: the collection before each round forgets what no object is left of, and with
 * it the machine code that was made for objects of that shape.
 */
function looks(size: number, look: (index: number) => unknown): Batch {
  const run = () => {
    for (let i = 0; i < size; i++) kept = look(i)
  }
  return { size, prepare: run, run }
}

/**
 * One look, from summaries to an evaluation, as a multiple of writing the evaluation down: whoever looks also records. At
 * a look of the group-sequential plan the outlook is computed too: the chances to end better, over all looks to come.
 */
export async function run(): Promise<Row[]> {
  const rows: Row[] = []
  for (const { job, experiment, units, size, atMost } of [
    {
      job: 'a look at 50 metrics × 4 variants, always valid',
      experiment: fiftyMetrics(alwaysValid),
      units: [9_000],
      size: 200,
      atMost: 4,
    },
    {
      job: 'a look at 50 metrics × 4 variants, group-sequential',
      experiment: fiftyMetrics(groupSequential),
      units: [10_000],
      size: 200,
      atMost: 5,
    },
    {
      job: 'a look at 2 metrics × 2 variants, as simulations take them',
      experiment: smallestTrial(),
      units: Array.from({ length: 64 }, (_, i) => 2_000 + 100 * i),
      size: 3_000,
      atMost: 4,
    },
  ]) {
    const summaries = units.map((each) => summaryOf(experiment, each))
    const evaluations = summaries.map((summary) => evaluate(experiment, summary))
    const timings = await race({
      'JSON.stringify': looks(size, (i) => JSON.stringify(evaluations[i % units.length])),
      evaluate: looks(size, (i) => evaluate(experiment, summaries[i % units.length]!)),
    })
    if (kept === undefined) throw new Error('nothing was looked at')
    rows.push(row(job, timings, 'JSON.stringify'))
    rows.push(row(job, timings, 'evaluate', { against: 'JSON.stringify', target: { atMost } }))
  }
  return rows
}
