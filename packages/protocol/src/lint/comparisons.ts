import { canonicalJson } from '../canonical-json.ts'
import type { Experiment, Variant } from '../experiment.ts'
import { type LintFinding, round } from './finding.ts'

/**
 * How many times the units of one comparison it takes where its error is shared by so many: for a power of 80 % and 5 %
 * in all, ((z(0.025/k) + z(0.8)) / (z(0.025) + z(0.8)))², which is 1 + 0.303 ln k to two digits up to k = 50.
 */
export function priceOfSharing(shares: number): number {
  return 1 + 0.303 * Math.log(shares)
}

/** Comparisons that a plan makes and may not need, each with what it costs in units. */
export function* lintComparisons(experiment: Experiment): Generator<LintFinding> {
  yield* idleArms(experiment)
  yield* factorials(experiment)
  yield* severalPrimaries(experiment)
}

/** An arm that serves what control serves. Without any config the service knows what an arm does, and nobody else. */
function* idleArms({ variants, control }: Experiment): Generator<LintFinding> {
  const base = variants.find(({ name }) => name === control)!
  for (const [index, variant] of variants.entries()) {
    if (variant === base || variant.config === undefined || base.config === undefined) continue
    if (canonicalJson(servedBy(variant)) !== canonicalJson(servedBy(base))) continue
    const { length } = variants
    yield {
      code: 'idle-arm',
      path: `variants[${index}].config`,
      detail: `${variant.name} serves what ${control} serves: the others would find as much with ${round((length - 1) / length)} of the units.`,
      remedy: 'Leave it out; an A/A test is a trial of its own.',
    }
  }
}

function servedBy({ config = {}, treatmentVersion }: Variant) {
  return { config, version: treatmentVersion ?? null }
}

/** An arm that does what two others do together: the cross of two changes. */
function* factorials({ variants, control }: Experiment): Generator<LintFinding> {
  const base = variants.find(({ name }) => name === control)!
  const changes = new Map(
    variants.filter((variant) => variant !== base).map(({ name, config }) => [name, changesOf(base, config)]),
  )
  for (const [index, { name }] of variants.entries()) {
    const whole = changes.get(name) ?? []
    const parts = [...changes].filter(
      ([other, change]) =>
        other !== name &&
        change.length > 0 &&
        change.length < whole.length &&
        change.every((each) => whole.includes(each)),
    )
    const pair = parts.find(([, a]) =>
      parts.some(([, b]) => new Set([...a, ...b]).size === whole.length && a !== b),
    )
    if (pair === undefined) continue
    yield {
      code: 'factorial',
      path: `variants[${index}]`,
      detail: `${name} does what ${parts.map(([other]) => other).join(' and ')} do together: whether the changes help or hinder one another takes 4 times the units that the effect of one of them takes.`,
      remedy:
        'Try them one after another, or in two trials of different layers, whose arms cross by themselves.',
    }
  }
}

/** What differs from control, each with its value, so that two arms are compared by what they do. */
function changesOf(base: Variant, config: Variant['config']): readonly string[] {
  const names = [...new Set([...Object.keys(base.config ?? {}), ...Object.keys(config ?? {})])]
  return names
    .map((name) => [name, canonicalJson(base.config?.[name] ?? null), canonicalJson(config?.[name] ?? null)])
    .filter(([, before, after]) => before !== after)
    .map(([name, , after]) => `${name} ${after}`)
}

function* severalPrimaries({ metrics, analysis }: Experiment): Generator<LintFinding> {
  const primaries = Object.keys(metrics).filter((name) => metrics[name]!.role === 'primary')
  if (primaries.length < 2) return
  const prices = primaries.map((name) => {
    const share = analysis.alphaSplit?.[name] ?? 1 / primaries.length
    return `${name} ${round(priceOfSharing(1 / share))}`
  })
  yield {
    code: 'several-primaries',
    path: 'metrics',
    detail: `${primaries.length} metrics are primary, and each has its share of alpha only: times the units that it takes alone, ${prices.join(', ')}.`,
    remedy: 'Decide by one, and let the others be secondary.',
  }
}
