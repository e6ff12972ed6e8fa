import type { Experiment } from '../experiment.ts'
import type { SpendingRule } from '../stopping.ts'
import { type LintFinding, round } from './finding.ts'

/** From here on a schedule is as dense as none. */
const MANY_LOOKS = 20
/** What the default adds up to over attempts without end: 1 + 1/2 + 1/4 … */
const DEFAULT_ATTEMPTS = 2

export function* lintLooks({ analysis, ramp, cluster }: Experiment): Generator<LintFinding> {
  const { method, maximumUnits, looks, spending, tuneAt, expectedUnitsPerDay } = analysis
  if (method === 'fixed-horizon' && ramp.stages.length > 1) {
    yield {
      code: 'looks-at-fixed-horizon',
      path: 'analysis.method',
      detail: `A ramp of ${ramp.stages.length} stages is watched all along, and fixed-horizon reads the primary metric once, at ${maximumUnits} units: what it shows before describes and decides nothing, and only guardrails act.`,
      remedy:
        'Take group-sequential, which may end early for few units more: 1.04 times those of one look, over 14 looks.',
    }
  }
  if (method === 'asymptotic-cs' && maximumUnits !== undefined) {
    yield {
      code: 'unused-end',
      path: 'analysis.maximumUnits',
      detail: `The trial has an end, at ${maximumUnits} units, and asymptotic-cs pays in units for having none.`,
      remedy:
        'Take group-sequential, or hybrid to stop for harm at any look; without an end, say tuneAt and leave maximumUnits out.',
    }
  }
  if (maximumUnits !== undefined && tuneAt > maximumUnits) {
    yield {
      code: 'tuned-past-end',
      path: 'analysis.tuneAt',
      detail: `The confidence sequences are tightest at ${tuneAt} units, and the trial ends at ${maximumUnits}.`,
      remedy: 'Leave tuneAt out, or tune where guardrails have to decide.',
    }
  }
  if (looks === undefined || maximumUnits === undefined) return
  if (cluster !== undefined) {
    yield {
      code: 'clustered-looks',
      path: 'analysis.maximumUnits',
      detail: `Looks are timed by clusters, ${maximumUnits} ${cluster.unitType} in all: where they are there from the start, and only grow, all of alpha goes at the first look.`,
      remedy: `Use it where ${cluster.unitType} after ${cluster.unitType} enters; or take fixed-horizon, and analyze once.`,
    }
  }
  if (isDefault(looks) && expectedUnitsPerDay === undefined) {
    const units = looks.map((fraction) => Math.ceil(fraction * maximumUnits - 1e-6))
    yield {
      code: 'no-schedule',
      path: 'analysis.looks',
      detail: `The looks are the default's, at ${units.join(', ')} units, and nothing says on which days that is.`,
      remedy:
        'Say how many units a day there are, in expectedUnitsPerDay; or lay the looks where decisions are made, e.g. [0.3, 0.6, 1].',
    }
  }
  if (looks.length > MANY_LOOKS) {
    yield {
      code: 'many-looks',
      path: 'analysis.looks',
      detail: `${looks.length} looks are one about every ${round(maximumUnits / looks.length)} units, each a moment at which somebody has to decide.`,
      remedy:
        'Take 5 to 10, when a decision can be made; or asymptotic-cs, which needs no schedule, and more units.',
    }
  }
  if (spending !== undefined && spendsEarly(spending)) {
    yield {
      code: 'early-spending',
      path: 'analysis.spending',
      detail: `${spending.type} spends alpha evenly or earlier, where little is known, and the end pays for it: over 14 looks lan-demets-pocock takes 1.26 times the units of one look, hwang-shih-decani with gamma −4 1.04.`,
      remedy:
        "Leave spending out; or { type: 'kim-demets', power: 2 }, if an early stop is worth 1.09 times.",
    }
  }
}

function isDefault(looks: readonly number[]): boolean {
  return looks.length === 5 && looks.every((fraction, index) => fraction === (index + 1) / 5)
}

function spendsEarly(rule: SpendingRule): boolean {
  switch (rule.type) {
    case 'hwang-shih-decani':
      return rule.gamma >= 0
    case 'kim-demets':
      return rule.power <= 1
    default:
      return rule.type === 'lan-demets-pocock'
  }
}

export function* lintError({ analysis }: Experiment): Generator<LintFinding> {
  const { alpha, attempts, bayesian } = analysis
  if (bayesian !== undefined) {
    const { simulatedErrorRate: rate } = bayesian
    const path = 'analysis.bayesian.simulatedErrorRate'
    if (rate === undefined) {
      yield {
        code: 'no-simulated-error-rate',
        path,
        detail: 'Nothing holds the error of a rule on the posterior, and nobody has looked how large it is.',
        remedy: 'Write down what `fairtrial simulate` prints for this plan.',
      }
    } else if (rate > alpha) {
      yield {
        code: 'high-simulated-error-rate',
        path,
        detail: `Of trials without an effect the rule wins ${round(100 * rate)} %, more than alpha, ${round(100 * alpha)} %.`,
        remedy: 'Raise stopWhen.chanceToBeat, narrow the prior, or look less often; then simulate again.',
      }
    }
  }
  if (attempts === undefined) return
  const last = attempts.at(-1)!
  const total = attempts.reduce((sum, share) => sum + share, 0) + last
  if (total > DEFAULT_ATTEMPTS + 1e-9) {
    yield {
      code: 'generous-attempts',
      path: 'analysis.attempts',
      detail: `Whoever tries often enough may spend ${attempts.join(' + ')}, and then ${last} by halves, = ${round(total)} times alpha: ${round(100 * Math.min(1, total * alpha))} % on a change without effect.`,
      remedy: `Let it come to ${DEFAULT_ATTEMPTS} at most, as the default does, e.g. [1, 0.5]; or [0.5, 0.25] for alpha in all.`,
    }
  }
}
