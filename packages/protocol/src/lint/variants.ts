import { canonicalJson } from '../canonical-json.ts'
import type { Experiment, Variant } from '../experiment.ts'
import type { SealedMetric } from '../metric.ts'
import { priceOfSharing } from './comparisons.ts'
import { type LintFinding, round } from './finding.ts'
import { isHeavyTailed } from './heavy-tail.ts'

/** More arms than this share the units too thinly for most services. */
const MANY_VARIANTS = 5
/** From here on the skew of the two arms no longer cancels: `error-rates` of @fairtrial/sequential. */
const UNEQUAL = 3
const EVENTS_IN_SMALL_ARM = 10

export function* lintVariants({ variants, control }: Experiment): Generator<LintFinding> {
  if (variants.length > MANY_VARIANTS) {
    yield {
      code: 'many-variants',
      path: 'variants',
      detail: `${variants.length} arms share the units, and each is compared with control alone, with its share of alpha: it takes ${round((variants.length / 2) * priceOfSharing(variants.length - 1))} times the units of a trial with two.`,
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
    const ratio = inequality(base, variant)
    if (ratio >= UNEQUAL) {
      const cost = round((1 + ratio) ** 2 / (4 * ratio))
      yield {
        code: 'unequal-arms',
        path: `variants[${index}].weight`,
        detail: `${control} and ${variant.name} are ${base.weight} : ${variant.weight}: for the same precision the two take (1 + ${round(ratio)})² / (4 × ${round(ratio)}) = ${cost} times the units of equal arms.`,
        remedy: 'Give them equal weights; to let few meet the change, let the ramp enrol few.',
      }
    }
  }
}

/**
 * An interval of unequal arms promises too much while the small one has seen too little of what is rare: whatever
 * decides has to wait for that.
 */
export function* lintMinimums(experiment: Experiment): Generator<LintFinding> {
  const { variants, control, metrics, guardrails, hypothesis, ramp } = experiment
  const base = variants.find(({ name }) => name === control)!
  const ratio = Math.max(...variants.map((variant) => inequality(base, variant)))
  if (ratio < UNEQUAL) return
  const last = ramp.stages.length - 1
  const deciding = [
    ...guardrails.map(({ metric, evidence: { minimumUnits } }, index) => ({
      metric,
      minimumUnits,
      path: `guardrails[${index}].evidence.minimumUnits`,
    })),
    {
      metric: hypothesis.metric,
      minimumUnits: ramp.stages[last]!.minimumUnits,
      path: `ramp.stages[${last}].minimumUnits`,
    },
  ]
  for (const { metric, minimumUnits, path } of deciding) {
    const { units, why } = protectiveMinimum(metrics[metric]!)
    if (minimumUnits >= units) continue
    yield {
      code: 'small-minimum',
      path,
      detail: `The arms are ${round(ratio)} : 1, and ${metric} may decide from ${minimumUnits} units on, where an interval errs more often than it says: ${why}.`,
      remedy: `Let it be ${units} or more, or the arms equal.`,
    }
  }
}

/** What `error-rates` of @fairtrial/sequential shows to be enough at 5 : 1. */
function protectiveMinimum(metric: SealedMetric): { units: number; why: string } {
  const { type, baseline, rareEvents } = metric
  if (rareEvents) return { units: 0, why: '' }
  if (baseline === undefined) {
    return { units: 1_000, why: 'without a baseline nobody knows how rare or how heavy-tailed it is' }
  }
  if (isHeavyTailed(metric)) return { units: 10_000, why: 'its tail is heavy' }
  const rate = type === 'proportion' ? Math.min(baseline.mean, 1 - baseline.mean) : baseline.mean
  if ((type !== 'proportion' && type !== 'count') || rate <= 0) return { units: 0, why: '' }
  return {
    units: Math.ceil(EVENTS_IN_SMALL_ARM / rate - 1e-6),
    why: `the small arm needs about ${EVENTS_IN_SMALL_ARM} events, and has one in ${round(1 / rate)} units`,
  }
}

function inequality({ weight: a }: Variant, { weight: b }: Variant): number {
  return Math.max(a, b) / Math.min(a, b)
}

function differences({ config: a = {} }: Variant, { config: b = {} }: Variant): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (name) => canonicalJson(a[name] ?? null) !== canonicalJson(b[name] ?? null),
  )
}
