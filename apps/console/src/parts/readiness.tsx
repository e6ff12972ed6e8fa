import type { ReadinessCheckName, ReadinessReport } from '@fairtrial/protocol'
import { tie } from '../words/tie.ts'
import { sayInstant } from '../words/times.ts'
import { Badge } from './badge.tsx'

const CHECKS: Readonly<Record<ReadinessCheckName, string>> = {
  'contract-test': 'Contract test',
  'dry-run': 'Dry run',
  'metric-freshness': 'Fresh metrics',
  'sample-ratio': 'Sample ratio',
  'reproducible-analysis': 'Reproducible analysis',
}

/** What was looked at before the start, check by check. */
export function Readiness({ report }: { readonly report: ReadinessReport }) {
  return (
    <details className="readiness">
      <summary>The report, made {sayInstant(report.madeAt)}</summary>
      <dl>
        {report.checks.map(({ check, passed, detail }) => (
          <div key={check}>
            <dt>
              <Badge tone={passed ? 'good' : 'harm'} word={passed ? 'Passed' : 'Failed'} /> {CHECKS[check]}
            </dt>
            <dd>{tie(detail)}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
