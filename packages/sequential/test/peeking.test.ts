import type { LookLedger, Moments } from '@fairtrial/protocol'
import { emptyMoments, mergeMoments } from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../src/evaluate.ts'
import { createRandom, type RandomStream } from '../src/simulation/random.ts'
import { summaryOf, trial } from './trial.ts'

const TRIALS = 400
const MINUTES = 20
/** Units that arrive in each arm in a minute. */
const BATCH = 50
/** 3.29 standard errors of a simulated share: one run in a thousand strays further. */
const BAND = 3.29 * Math.sqrt((0.05 * 0.95) / TRIALS)

const METHODS = ['group-sequential', 'hybrid', 'fixed-horizon', 'asymptotic-cs'] as const

/** The moments of as many standard normal values. */
function arrive(random: RandomStream): Moments {
  let moments: Moments = emptyMoments
  for (let i = 0; i < BATCH; i++) moments = mergeMoments(moments, { n: 1, mean: random.normal(), m2: 0 })
  return moments
}

/** Shares of trials without an effect in which some minute says better or worse: by the plan, and by a test a minute. */
function peek(
  method: (typeof METHODS)[number],
  seed: number,
): { readonly byPlan: number; readonly byTest: number } {
  const experiment = trial({
    hypothesis: {
      change: 'nothing',
      population: 'everybody',
      metric: 'watched',
      direction: 'increase',
      minimumLift: { absolute: 0.1 },
      horizon: '14d',
    },
    metrics: { watched: { type: 'mean', role: 'primary', direction: 'increase', window: '1d' } },
    guardrails: [],
    analysis: { method, maximumUnits: 2 * BATCH * MINUTES },
  })
  const random = createRandom(seed)
  let [byPlan, byTest] = [0, 0]
  for (let i = 0; i < TRIALS; i++) {
    let [control, model]: [Moments, Moments] = [emptyMoments, emptyMoments]
    let ledger: LookLedger | undefined
    let [isDecided, isSignificant] = [false, false]
    for (let minute = 0; minute < MINUTES; minute++) {
      control = mergeMoments(control, arrive(random))
      model = mergeMoments(model, arrive(random))
      const summary = summaryOf(experiment, { watched: { control, model } })
      const evaluation = evaluate(experiment, summary, ledger ? { ledger } : {})
      ledger = evaluation.looks
      const { verdict, fixed } = evaluation.metrics['watched']!.comparisons['model']!
      isDecided ||= verdict !== 'unknown'
      isSignificant ||= (fixed.pValue as number) < 0.05
    }
    byPlan += Number(isDecided) / TRIALS
    byTest += Number(isSignificant) / TRIALS
  }
  return { byPlan, byTest }
}

describe('looking every minute', () => {
  it.each(METHODS)(
    'FAULTS 47: under %s finds nothing more often than alpha where there is nothing',
    (method) => {
      const { byPlan, byTest } = peek(method, 47)
      expect(byPlan).toBeLessThanOrEqual(0.05 + BAND)
      // What a plain test would have said: the same data are no easy ones.
      expect(byTest).toBeGreaterThan(0.05 + BAND)
    },
  )
})
