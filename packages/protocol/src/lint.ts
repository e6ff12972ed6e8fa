import { durationMs } from './duration.ts'
import type { Experiment, Variant } from './experiment.ts'
import { canonicalJson } from './canonical-json.ts'
import { child } from './path.ts'

/** What `lint` can find. */
export type LintCode =
  | 'keeps-serving'
  | 'no-guardrail'
  | 'no-abort'
  | 'no-hard-limit'
  | 'slow-guardrail'
  | 'many-variants'
  | 'bundled-change'
  | 'no-baseline'
  | 'large-first-stage'
  | 'ramp-past-horizon'

/** Something in a valid definition that will be regretted. */
export interface LintFinding {
  readonly code: LintCode
  readonly path: string
  /** What it costs. */
  readonly detail: string
  readonly remedy: string
}

/** More arms than this share the units too thinly for most services. */
const MANY_VARIANTS = 5
const LARGE_FIRST_STAGE_PERCENT = 20

/** What is unwise in a definition that holds. Empty is good. */
export function lint(experiment: Experiment): readonly LintFinding[] {
  return [
    ...lintProtection(experiment),
    ...lintGuardrails(experiment),
    ...lintVariants(experiment),
    ...lintBaselines(experiment),
    ...lintRamp(experiment),
  ]
}

function* lintProtection({ whenStateLapses, guardrails }: Experiment): Generator<LintFinding> {
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

function* lintGuardrails({ guardrails, metrics, ramp }: Experiment): Generator<LintFinding> {
  const hold = ramp.stages[0]!.holdFor
  for (const [index, { metric, action, hardLimit }] of guardrails.entries()) {
    const { window } = metrics[metric]!
    if (durationMs(window) > durationMs(hold)) {
      yield {
        code: 'slow-guardrail',
        path: `guardrails[${index}].metric`,
        detail: `The window of ${metric}, ${window}, is longer than the first stage, ${hold}: no unit's closes in it.`,
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
  }
}

function* lintVariants({ variants, control }: Experiment): Generator<LintFinding> {
  if (variants.length > MANY_VARIANTS) {
    yield {
      code: 'many-variants',
      path: 'variants',
      detail: `${variants.length} arms share the units, and each is compared with control alone.`,
      remedy: `Keep to ${MANY_VARIANTS}, or run trials one after another.`,
    }
  }
  const base = variants.find(({ name }) => name === control)!
  for (const [index, variant] of variants.entries()) {
    const differing = variant === base ? [] : differences(base, variant)
    if (differing.length > 1) {
      yield {
        code: 'bundled-change',
        path: `variants[${index}].config`,
        detail: `${variant.name} differs from ${control} in ${differing.join(', ')}: nobody will know which of them did it.`,
        remedy: 'Change one thing, or try the bundle knowingly.',
      }
    }
  }
}

function differences({ config: a = {} }: Variant, { config: b = {} }: Variant): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (name) => canonicalJson(a[name] ?? null) !== canonicalJson(b[name] ?? null),
  )
}

function* lintBaselines({ metrics }: Experiment): Generator<LintFinding> {
  for (const [name, { role, baseline }] of Object.entries(metrics)) {
    if (role !== 'primary' || baseline !== undefined) continue
    yield {
      code: 'no-baseline',
      path: `${child('metrics', name)}.baseline`,
      detail: `Without the mean and variance of ${name} before the trial, nobody can say how many units it takes.`,
      remedy: 'Record them, with the units, the window and the source they were computed from.',
    }
  }
}

function* lintRamp({ ramp: { stages }, hypothesis: { horizon } }: Experiment): Generator<LintFinding> {
  const [first] = stages
  if (first!.trafficPercent > LARGE_FIRST_STAGE_PERCENT) {
    yield {
      code: 'large-first-stage',
      path: 'ramp.stages[0].trafficPercent',
      detail: `${first!.trafficPercent} % of units meet the change before anything is known of it.`,
      remedy: `Begin with at most ${LARGE_FIRST_STAGE_PERCENT} %.`,
    }
  }
  const total = stages.reduce((sum, { holdFor }) => sum + durationMs(holdFor), 0)
  if (total >= durationMs(horizon)) {
    yield {
      code: 'ramp-past-horizon',
      path: 'ramp.stages',
      detail: `The stages hold for ${total / durationMs('1d')} days together, and the trial ends after ${horizon}.`,
      remedy: 'Shorten the stages, or move hypothesis.horizon.',
    }
  }
}
