import { quantileOf, shareAtLeast, shareAtMost, shareShown } from '../outcome.ts'
import { controlledRamp } from '../ramps/controlled-ramp.ts'
import { type Course, MINUTES } from '../ramps/course.ts'
import { fairtrial } from '../ramps/fairtrial.ts'
import { type RampEnd, runRamps, SUBJECTS } from '../ramps/run-ramps.ts'
import type { Outcome, Row, Setting } from '../row.ts'

const FALSE_ABORT_ALPHA = 0.05
const source =
  'evaluate, decide and transition at every minute, on summaries; docs of Argo Rollouts and Flagger'

const ERRORS = { name: 'errors', baseline: 0.02, margin: 0.01 } as const
const PLAIN = { metrics: [ERRORS], unitsPerMinute: 1_200, harm: 0 } satisfies Course

type Claim = (count: { readonly hits: number; readonly trials: number }) => Outcome
const atMostAlpha: Claim = (count) => shareAtMost(count, FALSE_ABORT_ALPHA)
const atLeast =
  (share: number): Claim =>
  (count) =>
    shareAtLeast(count, share)

/** What a number of the ramps is; of fairtrial's, whether it is what was claimed. */
type Measure = (ends: readonly RampEnd[], isOurs: boolean) => Outcome

interface Theme {
  readonly name: string
  readonly course: Course
  readonly trials: NonNullable<Row['trials']>
  readonly measures: { readonly [name: string]: readonly [claim: string, measure: Measure] }
}

function rowsOf({ name, course, trials, measures }: Theme): Row[] {
  return Object.entries(measures).flatMap(([measureName, [claim, measure]]) =>
    SUBJECTS.map(
      (subject): Row => ({
        name: `rollout/${name}-${measureName}/${subject.replaceAll(' ', '-').toLowerCase()}`,
        claim,
        source,
        subject,
        draws: `rollout/${name}`,
        trials,
        run: (setting: Setting) => measure(runRamps(course, setting)[subject], subject === 'fairtrial'),
      }),
    ),
  )
}

const share =
  (isOne: (end: RampEnd) => boolean, claimed: Claim): Measure =>
  (ends, isOurs) =>
    (isOurs ? claimed : shareShown)({ hits: ends.filter(isOne).length, trials: ends.length })

const isAborted = (end: RampEnd): boolean => end.isAborted
const isPassed = ({ minutesToFull }: RampEnd): boolean => minutesToFull < MINUTES

const quantile =
  (share: number, valueOf: (end: RampEnd) => number): Measure =>
  (ends) =>
    quantileOf(ends.map(valueOf), share)

const healthy = (
  [
    ['errors', 'Errors of 2 %, a margin of 1 point', PLAIN],
    ['busy', '… of ten times as many units', { ...PLAIN, unitsPerMinute: 12_000 }],
    [
      'heavy-tail',
      'A lognormal mean (sd 1.2), a margin of 20 %',
      { metrics: [{ name: 'cost', baseline: 1, margin: 0.2, spread: 1.2 }], unitsPerMinute: 600, harm: 0 },
    ],
    [
      'four-guardrails',
      'Four guardrails, of 1 %, 2 %, 5 % and 10 %, margins of half of each',
      {
        ...PLAIN,
        metrics: [0.01, 0.02, 0.05, 0.1].map((baseline, i) => ({
          name: `guarded-${i}`,
          baseline,
          margin: baseline / 2,
        })),
      },
    ],
    [
      'incident',
      'Errors of 2 %, and twice as many in both arms for half an hour',
      { ...PLAIN, incident: { from: 90, to: 120, times: 2 } },
    ],
    [
      'outage',
      'Errors of 2 %, of which nothing is heard for half an hour',
      { ...PLAIN, outage: { from: 90, to: 120 } },
    ],
  ] as const
).flatMap(([name, what, course]) =>
  rowsOf({
    name: `healthy-${name}`,
    course,
    trials: { full: 1_000, short: 3 },
    measures: {
      aborted: [`${what}: healthy ramps aborted`, share(isAborted, atMostAlpha)],
      full: [
        '… minutes until all traffic is enrolled, or six hours, median',
        quantile(0.5, ({ minutesToFull }) => Math.min(MINUTES, minutesToFull)),
      ],
    },
  }),
)

const harmful = (
  [
    ['0.5', 'Half the margin worse', { harm: 0.5 }, atMostAlpha],
    ['1', 'Just the margin worse', { harm: 1 }, atMostAlpha],
    ['1.5', '1.5 margins worse', { harm: 1.5 }, shareShown],
    ['2', '2 margins worse', { harm: 2 }, atLeast(0.95)],
    [
      '2-busy',
      '2 margins worse, ten times as many units',
      { harm: 2, unitsPerMinute: 12_000 },
      atLeast(0.99),
    ],
    ['4', '4 margins worse', { harm: 4 }, atLeast(0.99)],
    ['catastrophe', 'A catastrophe, 40 % errors', { harm: 38 }, atLeast(0.999)],
  ] as const
).flatMap(([name, what, truth, claim]) =>
  rowsOf({
    name: `harm-${name}`,
    course: { ...PLAIN, ...truth },
    trials: { full: 400, short: 3 },
    measures: {
      aborted: [`${what}: ramps aborted`, share(isAborted, claim)],
      passed: [
        '… ramps that came to all traffic',
        share(isPassed, truth.harm < 1 ? shareShown : atMostAlpha),
      ],
      'treated-median': [
        '… units treated by then, or in six hours, median',
        quantile(0.5, ({ treated }) => treated),
      ],
      'treated-90': ['… units treated, 90 % of ramps at most', quantile(0.9, ({ treated }) => treated)],
    },
  }),
)

/** Into the second stage. */
const CONTROLLED_MINUTES = 75
const CONTROLLED: readonly Course[] = [
  { ...PLAIN, harm: 4 },
  { ...PLAIN, outage: { from: 30, to: 55 } },
  { ...PLAIN, harm: 38 },
  PLAIN,
]

/** The ramps above are judged on summaries; these go through the loop, which has to decide as it is done there. */
const controlled: Row = {
  name: 'rollout/controller',
  claim:
    'Ticks of createController (assigned, logged, folded, audited) at which it decides as summaries do, whatever the harm, and in an outage',
  source: 'createController on a log in memory',
  trials: { full: 8, short: 2 },
  run: async ({ trials, random, evaluate }) => {
    let [ticks, alike] = [0, 0]
    for (let trial = 0; trial < trials; trial++) {
      const course = CONTROLLED[trial % CONTROLLED.length]!
      const judge = fairtrial(evaluate)(course)
      let minute = 0
      for await (const { arrived, decision } of controlledRamp(course, CONTROLLED_MINUTES, random)) {
        judge.look(++minute, arrived)
        ticks += 1
        alike += Number(
          decision?.action === judge.decision?.action && decision?.rule === judge.decision?.rule,
        )
      }
    }
    return { measured: alike / ticks, error: 0, nominal: 1, bar: { atLeast: 1 } }
  },
}

/** Whole ramps: who aborts what, and how many units have met the treatment by then. */
export const rolloutRows: readonly Row[] = [...healthy, ...harmful, controlled]
