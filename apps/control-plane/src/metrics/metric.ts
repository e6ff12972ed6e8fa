/** A metric of the process, as Prometheus knows them. Labels are bounded: keys of definitions, fixed words. */
export interface Metric {
  /** `fairtrial_…`, with its unit. */
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly samples: readonly MetricSample[]
}

/** One number of a metric. */
interface MetricSample {
  readonly labels?: { readonly [label: string]: string }
  readonly value: number
  /** Of a histogram's parts. */
  readonly suffix?: '_bucket' | '_sum' | '_count'
}

/** The metrics in Prometheus' text format 0.0.4. */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics
    .flatMap(({ name, help, type, samples }) => [
      `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(
        ({ labels, value, suffix = '' }) => `${name}${suffix}${labelsText(labels)} ${valueText(value)}`,
      ),
    ])
    .map((line) => `${line}\n`)
    .join('')
}

function labelsText(labels: MetricSample['labels'] = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function valueText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}
