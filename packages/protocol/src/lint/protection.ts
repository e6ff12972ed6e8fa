import { durationMs } from '../duration.ts'
import type { Experiment } from '../experiment.ts'
import { child } from '../path.ts'
import { type LintFinding, round } from './finding.ts'

/** So many units beyond a quantile, for its place to be known at all. */
const UNITS_BEYOND = 10
/** So many events in an arm, for its rate to be nearly normal: as the calibration of small rates has it. */
const EVENTS = 10

export function* lintProtection({ whenStateLapses, guardrails }: Experiment): Generator<LintFinding> {
  if (whenStateLapses === 'keep-serving') {
    yield {
      code: 'keeps-serving',
      path: 'whenStateLapses',
      detail:
        'A client that nobody reaches goes on serving every arm: nothing bounds how long an abort takes there, ' +
        'and no rollback can be proved for it.',
      remedy: "Leave it at 'serve-control', unless losing the arm harms more than the arm can.",
    }
  }
  if (guardrails.length === 0) {
    yield {
      code: 'no-guardrail',
      path: 'guardrails',
      detail: 'Nothing watches for harm: the ramp goes on whatever happens.',
      remedy: 'Add a guardrail, at the least on the primary metric.',
    }
  } else if (!guardrails.some(({ action }) => action === 'abort')) {
    yield {
      code: 'no-abort',
      path: 'guardrails',
      detail: 'No guardrail aborts: harm waits for somebody to look.',
      remedy: "Give the action 'abort' to the one that must not be breached.",
    }
  }
}

export function* lintGuardrails({ guardrails, metrics, ramp, cluster }: Experiment): Generator<LintFinding> {
  const hold = ramp.stages[0]!.holdFor
  for (const [index, { metric, action, evidence, hardLimit }] of guardrails.entries()) {
    const { type, source, window, delay, quantile, rareEvents, baseline } = metrics[metric]!
    if (durationMs(window) + durationMs(delay ?? '0s') > durationMs(hold)) {
      const ends =
        delay === undefined
          ? `The window of ${metric}, ${window}`
          : `The delay and window of ${metric}, ${delay} + ${window}`
      yield {
        code: 'slow-guardrail',
        path: `guardrails[${index}].metric`,
        detail: `${ends}, is longer than the first stage, ${hold}: no unit's closes in it.`,
        remedy: 'Guard a metric with a shorter window, or hold the first stage longer.',
      }
    }
    if (action === 'abort' && hardLimit === undefined) {
      yield {
        code: 'no-hard-limit',
        path: `guardrails[${index}].hardLimit`,
        detail: `A catastrophe on ${metric} waits for enough closed windows before it aborts.`,
        remedy: 'Say the worst mean that is bearable, e.g. { worst: 0.2 }: it acts on the first units.',
      }
    }
    // A unit makes as many measurements as it likes.
    if (source === 'measurements') continue
    const share = quantile === undefined ? 1 : Math.min(quantile, 1 - quantile)
    if (evidence.minimumUnits * share < UNITS_BEYOND - 1e-9) {
      yield {
        code: 'sparse-quantile',
        path: `guardrails[${index}].evidence.minimumUnits`,
        detail: `Of ${evidence.minimumUnits} units, ${evidence.minimumUnits} × ${round(share)} = ${round(evidence.minimumUnits * share)} lie beyond the quantile ${quantile} of ${metric}.`,
        remedy: `Let it be ${Math.ceil(UNITS_BEYOND / share - 1e-6)} or more, or guard a quantile nearer to the middle.`,
      }
    }
    const rate = type === 'proportion' && !rareEvents && cluster === undefined ? (baseline?.mean ?? 0) : 0
    const events = evidence.minimumUnits * rate
    if (rate > 0 && events < EVENTS - 1e-9) {
      yield {
        code: 'sparse-events',
        path: child('metrics', metric),
        detail: `Of ${evidence.minimumUnits} units, ${evidence.minimumUnits} × ${round(rate)} = ${round(events)} have an event of ${metric}: too few for their share to be nearly normal, as its interval takes it to be.`,
        remedy: `Write rareEvents: true there, with a relative margin here: it holds from the first event on; or let evidence.minimumUnits be ${Math.ceil(EVENTS / rate - 1e-6)} or more.`,
      }
    }
  }
}
