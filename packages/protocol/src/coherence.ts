import { BUCKETS } from './buckets.ts'
import { durationMs } from './duration.ts'
import type { Problem } from './error.ts'
import type { ExperimentDefinition } from './experiment.ts'
import { nearest } from './nearest.ts'
import type { Partially } from './partial.ts'
import { child } from './path.ts'
import { show } from './show.ts'

type Parts = Partially<ExperimentDefinition>
type Report = (path: string, value: unknown, message: string, remedy: string) => void

/** What no schema sees: whether the parts of a definition hang together. Looks at whatever parts there are. */
export function incoherences(parts: Parts): Problem[] {
  const problems: Problem[] = []
  const report: Report = (path, value, message, remedy) => problems.push({ path, value, message, remedy })
  checkVariants(parts, report)
  checkWeights(parts, report)
  checkHypothesis(parts, report)
  checkMetrics(parts, report)
  checkGuardrails(parts, report)
  checkAlphaSplit(parts, report)
  checkStopping(parts, report)
  checkRamp(parts, report)
  checkSurroundings(parts, report)
  return problems
}

function checkVariants({ variants, control }: Parts, report: Report): void {
  if (variants === undefined) return
  const names = variants.map((variant) => variant?.name)
  const labels = variants.map((variant) => variant?.value ?? variant?.name)
  variants.forEach((variant, index) => {
    const { name, value } = variant ?? {}
    if (name !== undefined && names.indexOf(name) < index) {
      report(
        `variants[${index}].name`,
        name,
        `${show(name)} is a variant already.`,
        'Give each its own name.',
      )
    } else if (value !== undefined && labels.some((label, at) => label === value && at !== index)) {
      report(
        `variants[${index}].value`,
        value,
        `${show(value)} stands for another variant too.`,
        'Give each the text that it alone has in the data.',
      )
    }
  })
  refer('control', control, present(names), 'a variant', report)
}

function checkWeights({ variants = [] }: Parts, report: Report): void {
  const weights = present(variants.map((variant) => variant?.weight))
  if (weights.length < variants.length) return
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const sum = `${weights.join(' + ')} = ${total}`
  if (!Number.isSafeInteger(total)) {
    report(
      'variants',
      weights,
      `The weights ${sum} pass ${Number.MAX_SAFE_INTEGER}, up to which sums are exact.`,
      'Divide all of them by the same number.',
    )
    return
  }
  weights.forEach((weight, index) => {
    if (weight >= total / BUCKETS) return
    report(
      `variants[${index}].weight`,
      weight,
      `${weight} of ${total} is ${(weight / total) * BUCKETS} of ${BUCKETS} buckets, and an arm needs one.`,
      `Give it at least ${Math.ceil(total / BUCKETS)}, or the others less.`,
    )
  })
}

function checkHypothesis({ hypothesis, metrics }: Parts, report: Report): void {
  if (metrics === undefined) return
  const name = hypothesis?.metric
  refer('hypothesis.metric', name, Object.keys(metrics), 'a metric', report)
  const metric = own(metrics, name)
  if (metric?.role !== undefined && metric.role !== 'primary') {
    report(
      'hypothesis.metric',
      name,
      `${show(name)} has the role ${metric.role}.`,
      `Give it the role primary, or name a metric that has it.`,
    )
  }
  const direction = hypothesis?.direction
  if (direction !== undefined && metric?.direction !== undefined && direction !== metric.direction) {
    report(
      'hypothesis.direction',
      direction,
      `The hypothesis says ${direction}, its metric ${show(name)} is better with ${metric.direction}.`,
      'Make the two the same.',
    )
  }
}

function checkMetrics({ metrics, hypothesis, analysis, guardrails = [] }: Parts, report: Report): void {
  if (metrics === undefined) return
  const primaries = namesOf(metrics, 'primary')
  const rolesKnown = Object.values(metrics).every((metric) => metric?.role !== undefined)
  if (primaries.length === 0 && rolesKnown) {
    report('metrics', undefined, 'No metric has the role primary.', 'Give it to the metric that decides.')
  }
  if (primaries.length > 1 && analysis !== undefined && analysis.alphaSplit === undefined) {
    report(
      'metrics',
      primaries,
      `${primaries.length} metrics have the role primary: ${primaries.join(', ')}.`,
      'Keep one, or share alpha among them in analysis.alphaSplit.',
    )
  }
  const horizon = hypothesis?.horizon
  for (const [name, metric] of Object.entries(metrics)) {
    if (metric === undefined) continue
    const path = child('metrics', name)
    const { window, type, aggregate, whenMissing, baseline, role } = metric
    if (window !== undefined && horizon !== undefined && durationMs(window) > durationMs(horizon)) {
      report(
        `${path}.window`,
        window,
        `The window ${window} is longer than the horizon ${horizon}, so that no unit's would close in time.`,
        'Shorten the window or move hypothesis.horizon.',
      )
    }
    if (type !== undefined && type !== 'mean' && aggregate !== undefined) {
      report(`${path}.aggregate`, aggregate, `A ${type} has nothing to fold.`, 'Leave aggregate out.')
    }
    if (whenMissing === 'zero' && type === 'mean' && aggregate !== undefined && aggregate !== 'sum') {
      report(
        `${path}.whenMissing`,
        whenMissing,
        `The ${aggregate} of no values is not zero.`,
        "Write 'exclude', or fold by sum.",
      )
    }
    if (type === 'proportion' && (baseline?.mean ?? 0) > 1) {
      report(`${path}.baseline.mean`, baseline?.mean, 'A proportion is at most 1.', 'Write 0.25 for 25 %.')
    }
    if (role === 'guardrail' && !guardrails.some((guardrail) => guardrail?.metric === name)) {
      report(
        `${path}.role`,
        role,
        `${show(name)} has the role guardrail, and no guardrail looks at it.`,
        'Add an entry with its margin and action to guardrails, or give it another role.',
      )
    }
  }
}

function checkGuardrails({ guardrails = [], metrics }: Parts, report: Report): void {
  if (metrics === undefined) return
  const names = guardrails.map((guardrail) => guardrail?.metric)
  names.forEach((name, index) => {
    const path = `guardrails[${index}].metric`
    refer(path, name, Object.keys(metrics), 'a metric', report)
    if (name !== undefined && names.indexOf(name) < index) {
      report(path, name, `${show(name)} has a guardrail already.`, 'Keep one for each metric.')
    }
  })
}

function checkAlphaSplit({ analysis, metrics }: Parts, report: Report): void {
  const split = analysis?.alphaSplit
  if (split === undefined || metrics === undefined) return
  const shares = Object.entries(split)
  for (const [name] of shares) {
    const path = child('analysis.alphaSplit', name)
    refer(path, name, Object.keys(metrics), 'a metric', report)
    const role = own(metrics, name)?.role
    if (role !== undefined && role !== 'primary') {
      report(path, name, `${show(name)} has the role ${role}.`, 'Only primary metrics share alpha.')
    }
  }
  for (const name of namesOf(metrics, 'primary').filter((name) => !Object.hasOwn(split, name))) {
    report(
      child('analysis.alphaSplit', name),
      undefined,
      `The primary metric ${show(name)} has no share.`,
      'Give it one, or another role.',
    )
  }
  const total = shares.reduce((sum, [, share]) => sum + (share ?? 0), 0)
  if (total > 1 + 1e-9) {
    const sum = `${shares.map(([, share]) => share ?? '?').join(' + ')} = ${total}`
    report('analysis.alphaSplit', split, `The shares ${sum} pass 1.`, 'Lower them: they are shares of alpha.')
  }
}

function checkStopping({ analysis }: Parts, report: Report): void {
  if (analysis === undefined) return
  const { method, tuneAt, maximumUnits } = analysis
  if (maximumUnits !== undefined) return
  if (method === 'group-sequential' || method === 'hybrid' || method === 'fixed-horizon') {
    report(
      'analysis.maximumUnits',
      undefined,
      `The method ${method} has a planned end.`,
      'Say at how many units, over the two arms compared; `fairtrial power` tells how many it takes.',
    )
  } else if (tuneAt === undefined) {
    report(
      'analysis.tuneAt',
      undefined,
      'Nothing says at how many units the intervals are to be tightest.',
      'Give the units, over the two arms compared, e.g. 20000.',
    )
  }
}

function checkRamp({ ramp }: Parts, report: Report): void {
  const stages = ramp?.stages ?? []
  stages.forEach((stage, index) => {
    const before = stages[index - 1]?.trafficPercent
    const percent = stage?.trafficPercent
    if (before === undefined || percent === undefined || percent > before) return
    report(
      `ramp.stages[${index}].trafficPercent`,
      percent,
      `${percent} does not come after ${before}: a ramp only adds units.`,
      'Let every stage enrol more than the one before.',
    )
  })
}

function checkSurroundings(
  { key, layer, externalEvents = [], excludeExposedTo = [] }: Parts,
  report: Report,
): void {
  const { fromPercent = 0, toPercent = 100 } = layer ?? {}
  if (fromPercent >= toPercent) {
    report(
      'layer.toPercent',
      toPercent,
      `The slot [${fromPercent}, ${toPercent}) holds no unit.`,
      'Let toPercent be more than fromPercent.',
    )
  }
  externalEvents.forEach((event, index) => {
    if (event?.from === undefined || event.to === undefined || event.from <= event.to) return
    report(`externalEvents[${index}].to`, event.to, 'Ends before it begins.', 'Let from come first.')
  })
  excludeExposedTo.forEach((other, index) => {
    const path = `excludeExposedTo[${index}]`
    if (other === undefined) return
    if (other === key) report(path, other, 'Is this trial itself.', 'Name other trials.')
    else if (excludeExposedTo.indexOf(other) < index) report(path, other, 'Is named twice.', 'Name it once.')
  })
}

function refer(
  path: string,
  name: string | undefined,
  known: readonly string[],
  what: string,
  report: Report,
): void {
  if (name === undefined || known.includes(name)) return
  const meant = nearest(name, known)
  const list = known.length === 0 ? 'There is none yet.' : `There are ${known.join(', ')}.`
  report(path, name, `${show(name)} is not ${what}.`, meant ? `Did you mean ${meant}?` : list)
}

function namesOf(metrics: NonNullable<Parts['metrics']>, role: string): string[] {
  return Object.keys(metrics).filter((name) => metrics[name]?.role === role)
}

/** Never a name of Object.prototype. */
function own<T>(record: { readonly [name: string]: T }, name: string | undefined): T | undefined {
  return name !== undefined && Object.hasOwn(record, name) ? record[name] : undefined
}

function present<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined)
}
