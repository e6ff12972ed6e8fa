import type { AnalysisPlan, Comparison, Evaluation, Experiment } from '@fairtrial/protocol'
import { groupSequentialBoundaries, inflationFactor, type RandomStream } from '@fairtrial/sequential'
import { proportionSampleSize } from '@fairtrial/statistics'
import { rateArm } from '../draws.ts'
import { shareAtLeast, shareAtMost, shareNear, shareShown } from '../outcome.ts'
import type { Row, Setting } from '../row.ts'
import { countCalls, type Course, everyUnits, lastLook, trialOf } from '../trial.ts'
import { equalFractions, SPENDING } from './designs.ts'

const ALPHA = 0.05
const MOST = 20_000
const RATE = 0.2

const planned = (analysis: Partial<AnalysisPlan>): Experiment =>
  trialOf({
    metrics: { primary: { type: 'proportion', role: 'primary', direction: 'increase', window: '1d' } },
    analysis: { method: 'group-sequential', alpha: ALPHA, maximumUnits: MOST, ...analysis },
  })

const comparisonOf = ({ metrics }: Evaluation): Comparison => metrics['primary']!.comparisons['treatment']!
const isDecided = (evaluation: Evaluation) => comparisonOf(evaluation).verdict !== 'unknown'
const isBetter = (evaluation: Evaluation) => comparisonOf(evaluation).verdict === 'better'
const isWorse = (evaluation: Evaluation) => comparisonOf(evaluation).verdict === 'worse'

const armsOf = (random: RandomStream, treatment: number) => () => ({
  primary: { control: rateArm(random, RATE), treatment: rateArm(random, treatment) },
})

/** Twenty-eight days of which no two bring as many units; the last one goes beyond what was planned. */
function unevenDays({ uniform }: RandomStream): number[] {
  let units = 0
  return Array.from({ length: 28 }, () => (units += Math.round((0.3 + 1.5 * uniform()) * (MOST / 2 / 22))))
}

interface Null {
  readonly name: string
  readonly claim: string
  readonly source: string
  readonly analysis: Partial<AnalysisPlan>
  readonly looks: (random: RandomStream) => readonly number[]
  readonly course?: Partial<Course>
  readonly nominal: number
  readonly judge: typeof shareNear
  readonly trials?: Row['trials']
}

/** New looks for each trial. */
function countOf(setting: Setting, { analysis, looks, course }: Null) {
  const experiment = planned(analysis)
  let hits = 0
  for (let i = 0; i < setting.trials; i++) {
    const arms = armsOf(setting.random, RATE)
    const trial = { arms, looks: looks(setting.random), ...course }
    hits += countCalls({ ...setting, trials: 1 }, experiment, trial, isDecided).hits
  }
  return { hits, trials: setting.trials }
}

/** Evenly spaced, in units of an arm. */
const looksOf = (count: number) => () =>
  equalFractions(count).map((fraction) => Math.ceil((fraction * MOST) / 2))
const SPENDS = 'Lan & DeMets 1983'

const typeOne = (
  [
    {
      name: 'type-1-5',
      claim: 'No effect, group-sequential, 5 looks on schedule: ever a verdict',
      source: SPENDS,
      analysis: { looks: 5 },
      looks: looksOf(5),
      nominal: ALPHA,
      judge: shareNear,
      trials: { full: 20_000, short: 50 },
    },
    {
      name: 'type-1-14',
      claim: 'No effect, group-sequential, 14 looks on schedule: ever a verdict',
      source: SPENDS,
      analysis: { looks: 14 },
      looks: looksOf(14),
      nominal: ALPHA,
      judge: shareNear,
      trials: { full: 10_000, short: 120 },
    },
    {
      name: 'type-1-early',
      claim: '… that spend early (Pocock)',
      source: SPENDS,
      analysis: { looks: 14, spending: SPENDING['LD-Pocock'] },
      looks: looksOf(14),
      nominal: ALPHA,
      judge: shareNear,
      trials: { full: 10_000, short: 20 },
    },
    {
      name: 'type-1-uneven',
      claim:
        'No effect, group-sequential, 5 looks planned, evaluated daily, days of unequal size, the last one beyond the plan',
      source: SPENDS,
      analysis: { looks: 5 },
      looks: unevenDays,
      nominal: ALPHA,
      judge: shareNear,
      trials: { full: 1_000, short: 6 },
    },
    {
      name: 'type-1-independent',
      claim: '… daily looks out of schedule too, at times that no effect has chosen',
      source: SPENDS,
      analysis: { looks: 5 },
      looks: looksOf(28),
      course: { look: () => 'independent' },
      nominal: ALPHA,
      judge: shareNear,
    },
    {
      name: 'type-1-final',
      claim: '… that ends at 53 % of its information, with a final look',
      source: SPENDS,
      analysis: { looks: 5 },
      looks: () => [0.2, 0.4, 0.53].map((fraction) => Math.ceil((fraction * MOST) / 2)),
      course: { look: (before) => (before?.looks.looks.length === 2 ? 'final' : 'scheduled') },
      nominal: ALPHA,
      judge: shareNear,
    },
    {
      name: 'type-1-chosen',
      claim: '… where a look is chosen as soon as a fixed test would say p < 0.05: less than twice alpha',
      source: 'evaluate: what a chosen look leaves to the confidence sequence',
      analysis: { looks: 5 },
      looks: looksOf(28),
      course: {
        look: (before) => {
          const p = before && comparisonOf(before).fixed.pValue
          return typeof p === 'number' && p < 0.05 ? 'chosen' : 'scheduled'
        },
      },
      nominal: 2 * ALPHA,
      judge: shareAtMost,
    },
    {
      name: 'type-1-hybrid',
      claim: 'No effect, hybrid, 5 looks, evaluated daily: ever a verdict',
      source: 'Bonferroni over harm and benefit',
      analysis: { method: 'hybrid', looks: 5 },
      looks: looksOf(28),
      nominal: ALPHA,
      judge: shareAtMost,
    },
    {
      name: 'type-1-fixed-horizon',
      claim: 'No effect, fixed horizon, evaluated daily: ever a verdict',
      source: 'one look decides, the others describe',
      analysis: { method: 'fixed-horizon' },
      looks: looksOf(28),
      nominal: ALPHA,
      judge: shareNear,
    },
    {
      name: 'type-1-second-attempt',
      claim: 'No effect, the second phase of an experiment, group-sequential: half of alpha',
      source: 'alpha belongs to the key of the experiment',
      analysis: { looks: 5 },
      looks: looksOf(5),
      course: { phase: 2 },
      nominal: ALPHA / 2,
      judge: shareNear,
    },
  ] satisfies Null[]
).map(
  (each: Null): Row => ({
    name: `planned-looks/${each.name}`,
    claim: each.claim,
    source: each.source,
    trials: each.trials ?? { full: 5_000, short: 50 },
    run: (setting) => each.judge(countOf(setting, each), each.nominal),
  }),
)

/** An effect that a design of 5 looks up to so many units has 80 % power for. */
const EFFECT = 0.03
const inflation = inflationFactor(
  groupSequentialBoundaries({
    informationFractions: equalFractions(5),
    rule: SPENDING['HSD(-4)'],
    sides: 2,
    alpha: ALPHA,
  }),
  0.8,
)
const most =
  10 * Math.ceil(proportionSampleSize({ control: RATE, treatment: RATE + EFFECT }, { inflation }).total / 10)
const powered = { looks: 5, maximumUnits: most }
const fiveLooks = everyUnits(most / 10, 5)
const TRIALS = { full: 5_000, short: 50 }

const power: Row = {
  name: 'planned-looks/power',
  claim: `Power of 5 looks up to ${most} units, planned for 80 % by proportionSampleSize and inflationFactor`,
  source: 'Jennison & Turnbull 2000, chapter 2',
  trials: TRIALS,
  run: (setting) => {
    const course = { arms: armsOf(setting.random, RATE + EFFECT), looks: fiveLooks }
    return shareNear(countCalls(setting, planned(powered), course, isBetter), 0.8)
  },
}

const harm: Row = {
  name: 'planned-looks/hybrid-harm',
  claim: `Harm of that size under hybrid, evaluated at 28 times up to ${most} units: found`,
  source: 'the confidence sequence has half of alpha for it',
  trials: TRIALS,
  run: (setting) => {
    const experiment = planned({ ...powered, method: 'hybrid' })
    const course = {
      arms: armsOf(setting.random, RATE - EFFECT),
      looks: everyUnits(Math.ceil(most / 56), 28),
    }
    return shareShown(countCalls(setting, experiment, course, isWorse))
  },
}

const afterStop = (
  [
    [
      'coverage',
      'Coverage at that effect of the interval after a stop, or of the last look without one',
      ({ afterStop, interval }: Comparison) => {
        const bounds = afterStop?.interval ?? interval.absolute
        return 'notEstimable' in bounds ? false : bounds[0] <= EFFECT && EFFECT <= bounds[1]
      },
    ],
    [
      'naive-coverage',
      "… of the fixed test's interval there",
      ({ fixed }: Comparison) => {
        const bounds = fixed.interval.absolute
        return 'notEstimable' in bounds ? false : bounds[0] <= EFFECT && EFFECT <= bounds[1]
      },
    ],
  ] as const
).map(
  ([name, claim, isCovered]): Row => ({
    name: `planned-looks/${name}`,
    claim,
    source: 'Tsiatis, Rosner & Mehta 1984',
    trials: TRIALS,
    run: (setting) => {
      const experiment = planned(powered)
      const course = { arms: armsOf(setting.random, RATE + EFFECT), looks: fiveLooks }
      let hits = 0
      for (let i = 0; i < setting.trials; i++) {
        if (isCovered(comparisonOf(lastLook(setting, experiment, course, isDecided)))) hits++
      }
      const count = { hits, trials: setting.trials }
      return name === 'coverage' ? shareAtLeast(count, 0.95) : shareShown(count)
    },
  }),
)

const bayesian: Row = {
  name: 'planned-looks/bayesian',
  claim: 'No effect, a Bayesian rule (chance to beat 95 %, prior sd 5 %), evaluated 28 times: ever a verdict',
  source: 'holds no error rate by construction',
  trials: TRIALS,
  run: (setting) => {
    const experiment = planned({
      method: 'bayesian',
      bayesian: {
        prior: { scale: 'relative', mean: 0, standardDeviation: 0.05 },
        stopWhen: { chanceToBeat: 0.95 },
      },
    })
    const course = { arms: armsOf(setting.random, RATE), looks: looksOf(28)() }
    return shareShown(countCalls(setting, experiment, course, isDecided))
  },
}

/** Plans with looks, through `evaluate` and its ledger. */
export const plannedLookRows: readonly Row[] = [...typeOne, power, harm, ...afterStop, bayesian]
