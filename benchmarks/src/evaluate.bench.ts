import { defineExperiment, type Experiment, type MetricSummary, type TrialSummary } from '@fairtrial/protocol'
import { evaluate } from '@fairtrial/sequential'
import { race } from './race.ts'
import { type Row, row } from './row.ts'

const VARIANTS = ['control', 'a', 'b', 'c']
const METRICS = 50

/** Fifty metrics, means and proportions by turns, the first of them decided at looks. */
function trial(): Experiment {
  const metrics = Array.from({ length: METRICS }, (_, i) => [
    `metric-${i}`,
    {
      type: i % 2 === 0 ? 'proportion' : 'mean',
      role: i === 0 ? 'primary' : 'secondary',
      direction: 'increase',
      window: '1d',
    },
  ])
  return defineExperiment({
    key: 'fifty-metrics',
    hypothesis: {
      change: 'nothing',
      population: 'everybody',
      metric: 'metric-0',
      direction: 'increase',
      minimumLift: { relative: 0.02 },
      horizon: '14d',
    },
    unitType: 'viewer',
    variants: VARIANTS.map((name) => ({ name, weight: 1 })),
    control: 'control',
    metrics: Object.fromEntries(metrics),
    analysis: { method: 'group-sequential', maximumUnits: 100_000 },
    ramp: { stages: [{ trafficPercent: 100, holdFor: '1h', minimumUnits: 100 }] },
  } as never)
}

function summaryOf(experiment: Experiment, unitsAnArm: number): TrialSummary {
  const cell = (successes: number): MetricSummary => {
    const n = unitsAnArm
    const closed = { n, mean: successes / n, m2: (successes * (n - successes)) / n }
    return { closed, current: closed, missing: 0 }
  }
  const arms = Object.fromEntries(VARIANTS.map((name, i) => [name, cell(0.4 * unitsAnArm + 20 * i)]))
  return {
    schema: 'fairtrial.summary/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    phase: 1,
    asOf: 1_000,
    units: Object.fromEntries(VARIANTS.map((name) => [name, unitsAnArm])),
    metrics: Object.fromEntries(Object.keys(experiment.metrics).map((name) => [name, arms])),
    counts: {
      crossoverUnits: 0,
      repeatedExposures: 0,
      earlyOutcomes: 0,
      lateOutcomes: 0,
      repeatedOutcomes: 0,
      unmatchedOutcomes: 0,
      foreignExposures: 0,
      nonFiniteValues: 0,
    },
    newestEventAt: 900,
  }
}

/**
 * An evaluation of 50 metrics × 4 variants, between looks and at one, as a multiple of writing it down: whoever evaluates
 * also records. At a look the outlook is computed too: the chances to end better, over all looks to come.
 */
export async function run(): Promise<Row[]> {
  const experiment = trial()
  const rows: Row[] = []
  for (const [job, units, atMost] of [
    ['evaluate 50 metrics × 4 variants, between looks', 9_000, 5],
    ['evaluate 50 metrics × 4 variants, at a look', 10_000, 10],
  ] as const) {
    const summary = summaryOf(experiment, units)
    const evaluation = evaluate(experiment, summary)
    const timings = await race({
      'JSON.stringify': () => JSON.stringify(evaluation),
      evaluate: () => evaluate(experiment, summary),
    })
    rows.push(row(job, timings, 'JSON.stringify'))
    rows.push(row(job, timings, 'evaluate', { against: 'JSON.stringify', target: { atMost } }))
  }
  return rows
}
