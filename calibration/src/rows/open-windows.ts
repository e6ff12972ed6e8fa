import type { Evaluation } from '@fairtrial/protocol'
import type { RandomStream } from '@fairtrial/sequential'
import { emptyMoments as NOBODY, mergeMoments } from '@fairtrial/statistics'
import { binomial, type GrowingArm, onesAndZeros } from '../draws.ts'
import { shareAtMost, shareShown } from '../outcome.ts'
import type { Row, Setting } from '../row.ts'
import { countCalls, everyUnits, trialOf } from '../trial.ts'

type Evaluate = Setting['evaluate']

const ALPHA = 0.05
const RATE = 0.2
const UNITS = 2_000
const DAYS = 28

/** Units that met the change on one day. Of a fifth of them the outcome comes, evenly over so many days. */
function cohort(random: RandomStream, units: number, days: number) {
  let left = binomial(random, units, RATE)
  let hits = 0
  let age = 0
  return () => {
    if (age < days) {
      const now = binomial(random, left, 1 / (days - age))
      left -= now
      hits += now
    }
    age += 1
    return { age, hits, units }
  }
}

interface Enrolment {
  /** Units of an arm that come on each day; one number: all of them on day one. */
  readonly daily: readonly number[]
  /** Days over which outcomes come. */
  readonly outcomesOver: number
  /** Days after which a unit's window has closed. */
  readonly window: number
}

/** An arm that grows by a day, whatever number of units it is told. */
function armByDay(random: RandomStream, { daily, outcomesOver, window }: Enrolment): GrowingArm {
  const cohorts: (() => { age: number; hits: number; units: number })[] = []
  let closed = NOBODY
  let current = NOBODY
  return {
    grow: () => {
      const coming = daily[cohorts.length]
      if (coming !== undefined) cohorts.push(cohort(random, coming, outcomesOver))
      closed = NOBODY
      current = NOBODY
      for (const pass of cohorts) {
        const { age, hits, units } = pass()
        const moments = onesAndZeros(hits, units)
        current = mergeMoments(current, moments)
        if (age >= window) closed = mergeMoments(closed, moments)
      }
    },
    moments: () => closed,
    current: () => current,
  }
}

/** An `evaluate` to which a unit counts from its first day on, with what came so far. */
export function withOpenWindows(evaluate: Evaluate): Evaluate {
  return (experiment, summary, options) => {
    const metrics = Object.entries(summary.metrics).map(([name, arms]) => [
      name,
      Object.fromEntries(
        Object.entries(arms).map(([variant, arm]) => [variant, { ...arm, closed: arm.current }]),
      ),
    ])
    return evaluate(experiment, { ...summary, metrics: Object.fromEntries(metrics) }, options)
  }
}

const isDifferent = ({ metrics }: Evaluation) =>
  metrics['primary']!.comparisons['treatment']!.verdict !== 'unknown'
const isDifferentOnce = ({ metrics }: Evaluation) => {
  const { pValue } = metrics['primary']!.comparisons['treatment']!.fixed
  return typeof pValue === 'number' && pValue <= ALPHA
}

interface Case {
  readonly name: string
  readonly claim: string
  readonly daily: readonly number[]
  /** Days over which the treatment's outcomes come; control's take the whole window. */
  readonly treatmentOver: number
  readonly window: number
  readonly looks: number
  /** Whether a unit counts when its window has closed, or from its first day on. */
  readonly isClosedOnly: boolean
  readonly isCalled?: (evaluation: Evaluation) => boolean
}

const AT_ONCE = [UNITS]
const ROLLING = Array.from({ length: 56 }, () => 200)
const source = 'which units count: a unit enters when its window has closed'

const rowOf = ({ name, claim, daily, treatmentOver, window, looks, isClosedOnly, isCalled }: Case): Row => ({
  name: `open-windows/${name}`,
  claim,
  source,
  trials: { full: 2_000, short: 40 },
  run: (setting) => {
    const { random } = setting
    const experiment = trialOf({ analysis: { method: 'asymptotic-cs', tuneAt: 2 * UNITS } })
    const arms = () => ({
      primary: {
        control: armByDay(random, { daily, outcomesOver: window, window }),
        treatment: armByDay(random, { daily, outcomesOver: treatmentOver, window }),
      },
    })
    const course = { arms, looks: everyUnits(1, looks) }
    const { evaluate } = setting
    const reading = isClosedOnly ? evaluate : withOpenWindows(evaluate)
    const count = countCalls({ ...setting, evaluate: reading }, experiment, course, isCalled ?? isDifferent)
    return isClosedOnly ? shareAtMost(count, ALPHA) : shareShown(count)
  },
})

/** What happens when units count before their window has closed. */
export const openWindowRows: readonly Row[] = (
  [
    {
      name: 'at-once-fixed',
      claim:
        'No effect, all units on day one, outcomes over 28 days count as they come, a fixed test daily: ever called',
      daily: AT_ONCE,
      treatmentOver: DAYS,
      window: DAYS,
      looks: DAYS,
      isClosedOnly: false,
      isCalled: isDifferentOnce,
    },
    {
      name: 'at-once',
      claim: '… by the confidence sequence, whose number of units stands still',
      daily: AT_ONCE,
      treatmentOver: DAYS,
      window: DAYS,
      looks: DAYS,
      isClosedOnly: false,
    },
    {
      name: 'at-once-sooner',
      claim: '… where the treatment brings the same outcomes in half the time',
      daily: AT_ONCE,
      treatmentOver: DAYS / 2,
      window: DAYS,
      looks: DAYS,
      isClosedOnly: false,
    },
    {
      name: 'at-once-sooner-closed',
      claim: '… and units count when their window has closed',
      daily: AT_ONCE,
      treatmentOver: DAYS / 2,
      window: DAYS,
      looks: DAYS + 7,
      isClosedOnly: true,
    },
    {
      name: 'rolling-sooner',
      claim:
        'The same outcomes in half the time, 200 units a day and arm, outcomes count as they come: ever called',
      daily: ROLLING,
      treatmentOver: 7,
      window: 14,
      looks: 56,
      isClosedOnly: false,
    },
    {
      name: 'rolling-sooner-closed',
      claim: '… and units count when their window has closed',
      daily: ROLLING,
      treatmentOver: 7,
      window: 14,
      looks: 56,
      isClosedOnly: true,
    },
  ] satisfies Case[]
).map(rowOf)
