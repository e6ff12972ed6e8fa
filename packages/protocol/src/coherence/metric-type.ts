import type { MetricType } from '../metric.ts'
import type { MetricParts, Report } from './report.ts'

interface Misfit {
  readonly field: keyof MetricParts
  readonly types: readonly MetricType[]
  /** What a metric of such a type does, so that the field says nothing. */
  readonly why: string
  readonly remedy?: string
}

/** Fields that mean nothing on metrics of some types. */
const MISFITS: readonly Misfit[] = [
  { field: 'aggregate', types: ['proportion', 'count'], why: 'has nothing to fold.' },
  { field: 'aggregate', types: ['ratio'], why: 'always sums, above and below.' },
  {
    field: 'denominator',
    types: ['proportion', 'count', 'mean', 'quantile'],
    why: 'is per unit.',
    remedy: "Leave denominator out, or write type: 'ratio'.",
  },
  {
    field: 'quantile',
    types: ['proportion', 'count', 'mean', 'ratio'],
    why: 'is not compared at a quantile.',
    remedy: "Leave quantile out, or write type: 'quantile'.",
  },
  { field: 'cap', types: ['proportion'], why: 'is 0 or 1 of every unit already.' },
  { field: 'cap', types: ['quantile'], why: 'does not feel how far out the outermost lie.' },
  {
    field: 'cap',
    types: ['ratio'],
    why: 'has two numbers a unit, and a limit on one of them makes another ratio.',
    remedy: 'Leave cap out; maximumEvents bounds what one unit adds.',
  },
  { field: 'maximumEvents', types: ['proportion'], why: 'looks for one event, and more change nothing.' },
  { field: 'covariates', types: ['quantile'], why: 'is no mean, out of which a regression could take them.' },
  { field: 'byDay', types: ['ratio', 'quantile'], why: 'has no number of a unit and a day that adds up.' },
  {
    field: 'ranks',
    types: ['proportion'],
    why: 'has two values, of which ranks tell no more than the rates.',
  },
  { field: 'ranks', types: ['ratio'], why: 'has no number of one unit to rank.' },
  { field: 'ranks', types: ['quantile'], why: 'is told by ranks already.' },
  {
    field: 'rareEvents',
    types: ['mean', 'ratio', 'quantile'],
    why: 'is no number of events.',
    remedy: "Leave rareEvents out, or write type: 'proportion' or 'count'.",
  },
]

/** What the type of a metric asks for, and what it has no use for. */
export function checkMetricType(path: string, metric: MetricParts, report: Report): void {
  const { type, aggregate, whenMissing, baseline } = metric
  if (type === undefined) return
  for (const { field, types, why, remedy = `Leave ${field} out.` } of MISFITS) {
    const value = metric[field]
    if (value === undefined || value === false || !types.includes(type)) continue
    report(`${path}.${field}`, value, `A ${type} ${why}`, remedy)
  }
  if (type === 'ratio' && !('denominator' in metric)) {
    report(
      `${path}.denominator`,
      undefined,
      'Nothing says what the ratio is per.',
      "Name the outcome, e.g. { event: 'page-view' }.",
    )
  }
  if (type === 'quantile' && !('quantile' in metric)) {
    report(`${path}.quantile`, undefined, 'Nothing says which quantile.', 'Say it, e.g. 0.95.')
  }
  if (type === 'ratio' && whenMissing === 'exclude') {
    report(
      `${path}.whenMissing`,
      whenMissing,
      'A unit without outcomes adds nothing to either sum of a ratio: there is nobody to leave out.',
      'Leave whenMissing out.',
    )
  }
  const fold = aggregate ?? (type === 'quantile' ? 'mean' : 'sum')
  if (whenMissing === 'zero' && (type === 'mean' || type === 'quantile') && fold !== 'sum') {
    report(
      `${path}.whenMissing`,
      whenMissing,
      `The ${fold} of no values is not zero.`,
      "Write 'exclude', or fold by sum.",
    )
  }
  if (fold === 'last' && metric.maximumEvents !== undefined) {
    report(
      `${path}.maximumEvents`,
      metric.maximumEvents,
      'The earliest events count first, so that the last would be left out.',
      'Leave maximumEvents out, or fold otherwise.',
    )
  }
  if (type === 'proportion' && (baseline?.mean ?? 0) > 1) {
    report(`${path}.baseline.mean`, baseline?.mean, 'A proportion is at most 1.', 'Write 0.25 for 25 %.')
  }
}
