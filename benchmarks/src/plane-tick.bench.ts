import { auditTable } from '@fairtrial/fidelity'
import { summarize } from '@fairtrial/metrics'
import type { Experiment, RolloutState, TrialSummary } from '@fairtrial/protocol'
import { decide, startRollout, transition } from '@fairtrial/rollout'
import { evaluate } from '@fairtrial/sequential'
import { homeRow } from './home-row.ts'
import { type Batch, race } from './race.ts'
import { type Row, row } from './row.ts'

const EXPERIMENTS = 1_000
const UNITS_AN_ARM = 500_000
const STARTED = 1_780_000_000_000
const NOW = STARTED + 7_200_000

/** What was decided last: kept, so that no tick can be left out as useless. */
let kept: unknown

/** A tick of 1,000 experiments with a million units each, from their summaries to their next states. */
export async function run(): Promise<Row[]> {
  const experiments = Array.from({ length: EXPERIMENTS }, (_, i) => guarded(`home-row-${i}`))
  const states = experiments.map((experiment) => startRollout(experiment, { now: STARTED }))
  const texts = experiments.map((experiment, i) => JSON.stringify(summaryOf(experiment, i)))
  const timings = await race(
    {
      'JSON.parse of the summaries': everyone((i) => JSON.parse(texts[i]!), 10),
      'a tick': everyone((i) => tick(experiments[i]!, states[i]!, texts[i]!)),
    },
    { rounds: 9 },
  )
  if (kept === undefined) throw new Error('nothing was decided')
  const job = 'an experiment of 1e6 units, in a tick of 1,000 from summaries'
  const against = 'JSON.parse of the summaries'
  return [row(job, timings, against), row(job, timings, 'a tick', { against, target: { atMost: 25 } })]
}

/** Ticks before each that is timed. */
const WARM_UP = 10

/**
 * All experiments, one after the other. The collection before each round forgets the machine code that a process which
 * ticks again and again has, so that it is made again first.
 *
 * @param times so that what is quick takes as long, and is interrupted as often, as what is not
 */
function everyone(each: (index: number) => unknown, times = 1): Batch {
  const run = () => {
    for (let i = 0; i < EXPERIMENTS * times; i++) kept = each(i % EXPERIMENTS)
  }
  const prepare = () => {
    for (let i = 0; i < WARM_UP; i++) run()
  }
  return { size: EXPERIMENTS * times, prepare, run }
}

function tick(experiment: Experiment, state: RolloutState, text: string) {
  const summary = JSON.parse(text) as TrialSummary
  const evaluation = evaluate(experiment, summary)
  const audit = auditTable(experiment, summary)
  const decision = decide({ experiment, state, evaluation, audit, now: NOW })
  return transition(experiment, state, decision, { now: NOW, by: 'controller' }) ?? state
}

function guarded(key: string): Experiment {
  return homeRow({
    key,
    metrics: {
      started: { type: 'proportion', role: 'primary', direction: 'increase', window: '30s' },
      errors: { type: 'proportion', role: 'guardrail', direction: 'decrease', window: '30s' },
    },
    guardrails: [{ metric: 'errors', margin: { absolute: 0.01 }, action: 'abort' }],
  })
}

function summaryOf(experiment: Experiment, index: number): TrialSummary {
  const n = UNITS_AN_ARM
  const cell = (hits: number) => {
    const closed = { n, mean: hits / n, m2: (hits * (n - hits)) / n }
    return { closed, current: closed, missing: 0 }
  }
  const arms = (share: number) => ({
    control: cell(Math.round(share * n)),
    model: cell(Math.round(share * n) + index),
  })
  return {
    ...summarize(experiment, [], { asOf: NOW, phase: 1 }),
    units: { control: n, model: n },
    metrics: { started: arms(0.4), errors: arms(0.02) },
    newestEventAt: NOW,
  }
}
