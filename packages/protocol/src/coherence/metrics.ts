import { type Duration, durationMs } from '../duration.ts'
import { child } from '../path.ts'
import { show } from '../show.ts'
import { checkSource } from './measurements.ts'
import { checkMetricType } from './metric-type.ts'
import { checkRareEvents } from './rare-events.ts'
import { type MetricParts, namesOf, type Parts, type Report } from './report.ts'

export function checkMetrics(
  { metrics, hypothesis, analysis, guardrails = [], cluster }: Parts,
  report: Report,
): void {
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
  for (const [name, metric] of Object.entries(metrics)) {
    if (metric === undefined) continue
    const path = child('metrics', name)
    checkSource(path, metric, cluster !== undefined, report)
    checkMetricType(path, metric, report)
    checkWindow(path, metric, hypothesis?.horizon, report)
    checkCap(path, metric, report)
    checkCovariates(path, name, metric, report)
    checkAdoption(path, metric, report)
    checkRareEvents(path, metric, analysis?.method, report)
    if (cluster !== undefined) checkClustered(path, metric, report)
    if (metric.role === 'guardrail' && !guardrails.some((guardrail) => guardrail?.metric === name)) {
      report(
        `${path}.role`,
        metric.role,
        `${show(name)} has the role guardrail, and no guardrail looks at it.`,
        'Add an entry with its margin and action to guardrails, or give it another role.',
      )
    }
  }
}

function checkWindow(
  path: string,
  { window, delay, byDay }: MetricParts,
  horizon: Duration | undefined,
  report: Report,
): void {
  if (window === undefined) return
  const end = durationMs(window) + (delay === undefined ? 0 : durationMs(delay))
  if (horizon !== undefined && end > durationMs(horizon)) {
    report(
      `${path}.window`,
      window,
      delay === undefined
        ? `The window ${window} is longer than the horizon ${horizon}, so that no unit's would close in time.`
        : `The window ${window} ends ${delay} + ${window} after the exposure, past the horizon ${horizon}, so that no unit's would close in time.`,
      `Shorten the window${delay === undefined ? '' : ' or the delay'} or move hypothesis.horizon.`,
    )
  }
  const days = durationMs(window) / durationMs('1d')
  if (byDay && (days < 2 || !Number.isInteger(days))) {
    report(
      `${path}.byDay`,
      byDay,
      `The window ${window} is ${Number(days.toPrecision(4))} days, and a slope needs two whole ones or more.`,
      "Let the window be whole days, e.g. '7d', or leave byDay out.",
    )
  }
}

function checkCap(path: string, { cap }: MetricParts, report: Report): void {
  if (cap === undefined) return
  const { lower, upper } = cap
  if (!('lower' in cap) && !('upper' in cap)) {
    report(`${path}.cap`, cap, 'The cap has neither bound.', 'Say one, e.g. { upper: 100 }.')
  } else if (lower !== undefined && upper !== undefined && lower >= upper) {
    report(
      `${path}.cap.upper`,
      upper,
      `The cap from ${lower} to ${upper} leaves no two numbers apart.`,
      'Let upper be more than lower.',
    )
  }
}

function checkCovariates(path: string, name: string, metric: MetricParts, report: Report): void {
  const { covariates = [], event = name } = metric
  const seen: string[] = []
  covariates.forEach((covariate, index) => {
    if (covariate === undefined) return
    const at = `${path}.covariates[${index}]`
    if (!('before' in covariate) && !('column' in covariate)) {
      report(
        at,
        covariate,
        'Nothing says where the covariate is found.',
        "Say how far back in a log, e.g. before: '14d', or the column of a table.",
      )
    }
    const same = JSON.stringify([covariate.event ?? event, covariate.before, covariate.column])
    if (seen.includes(same)) {
      report(at, covariate, 'The covariate is there already.', 'Name each once.')
    }
    seen.push(same)
  })
}

/** What an adoption metric cannot have, for control has nothing of it. */
const COMPARED = ['covariates', 'byDay', 'ranks', 'rareEvents', 'practicalThreshold'] as const

function checkAdoption(path: string, metric: MetricParts, report: Report): void {
  const { adoption, role } = metric
  if (!adoption) return
  if (role === 'primary' || role === 'guardrail') {
    report(
      `${path}.adoption`,
      adoption,
      `The metric has the role ${role}, and adoption exists in treatment arms only: there is nothing to compare.`,
      `Name a partner metric that both arms have as ${role}, and give this one the role quality or exploratory.`,
    )
  }
  for (const field of COMPARED) {
    if (!metric[field]) continue
    report(
      `${path}.${field}`,
      metric[field],
      'An adoption metric is never compared.',
      `Leave ${field} out, or adoption.`,
    )
  }
}

function checkClustered(path: string, metric: MetricParts, report: Report): void {
  const refuse = (field: 'type' | 'ranks' | 'rareEvents' | 'byDay', what: string, remedy: string): void =>
    report(
      `${path}.${field}`,
      metric[field],
      `${what} would take the units of one cluster for independent.`,
      `${remedy}, or randomize units and leave cluster out.`,
    )
  if (metric.type === 'quantile') refuse('type', 'The spread of a quantile', 'Compare a mean')
  if (metric.ranks) refuse('ranks', 'Ranks', 'Leave ranks out')
  if (metric.rareEvents) refuse('rareEvents', 'A count of all events', 'Leave rareEvents out')
  if (metric.byDay) refuse('byDay', "The units' slopes over the days", 'Leave byDay out')
}
