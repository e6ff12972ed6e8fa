import type { AuditReport, Finding } from '@fairtrial/protocol'
import { ChartTable } from '../charts/chart-table.tsx'
import { sayCount, sayNumber } from '../words/numbers.ts'
import { sayRule, sayVerdict, type Tone } from '../words/rollout-words.ts'
import { tie } from '../words/tie.ts'
import { Badge, Sign } from './badge.tsx'
import { Ago } from './time.tsx'

const TONES: Readonly<Record<Finding['severity'], Tone>> = {
  broken: 'harm',
  caution: 'caution',
  note: 'over',
}
const ORDER = ['broken', 'caution', 'note'] as const
const BIASES = {
  no: 'does not bias the effect',
  possible: 'biases the effect if it falls on one arm',
  likely: 'biases the effect',
} as const

/** What the audit found, the worst first, each with what to do about it. */
export function Findings({ audit }: { readonly audit: AuditReport | null }) {
  if (audit === null) return null
  const { counts, verdict } = audit
  const findings = audit.findings.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity))
  return (
    <section aria-labelledby="audit">
      <h2 id="audit">
        Audit <Badge {...sayVerdict(verdict)} />
      </h2>
      <p className="quiet">
        {sayCount(counts.replayed)} assignments computed again,{' '}
        {counts.replayMismatches === 0 ? 'none' : sayCount(counts.replayMismatches)} differ.{' '}
        {sayCount(counts.exposures)} exposures, {sayCount(counts.uniqueExposures)} of them first ones, and{' '}
        {sayCount(counts.outcomes)} outcomes from {counts.producers}{' '}
        {counts.producers === 1 ? 'producer' : 'producers'}; {sayCount(counts.missingEvents)} events missing.{' '}
        Audited <Ago at={audit.asOf} />.
      </p>
      {findings.length === 0 ? (
        <p>Nothing found.</p>
      ) : (
        <ul className="findings">
          {findings.map((finding) => (
            <li key={`${finding.code} ${finding.detail}`} className={`tone-${TONES[finding.severity]}`}>
              <h3>
                <Sign tone={TONES[finding.severity]} />
                {sayRule(finding.code)}{' '}
                <span className="quiet">
                  {finding.severity}, {BIASES[finding.biasesEffect]}
                </span>
              </h3>
              <p>{tie(finding.detail)}</p>
              <p className="remedy">{finding.remedy}</p>
              <Values evidence={finding.evidence} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** Of an input that is not as it should be, the shares of its values: the furthest apart first. */
function Values({ evidence: { feature, values } }: Pick<Finding, 'evidence'>) {
  if (typeof feature !== 'string' || values === undefined) return null
  const shares = Object.entries(values as Readonly<Record<string, Readonly<Record<string, number>>>>)
  const columns = Object.keys(shares[0]?.[1] ?? {})
  return (
    <ChartTable
      caption={`the shares of ${feature}`}
      columns={[feature, ...columns]}
      rows={shares.map(([value, by]) => [
        value,
        ...columns.map((column) => `${sayNumber(100 * (by[column] ?? 0))} %`),
      ])}
    />
  )
}
