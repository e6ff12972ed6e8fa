import type { AuditReport, Finding } from '@fairtrial/protocol'
import { sayCount } from '../words/numbers.ts'
import { sayRule, sayVerdict, type Tone } from '../words/rollout-words.ts'
import { tie } from '../words/tie.ts'
import { Badge, Sign } from './badge.tsx'
import { Ago } from './time.tsx'

const TONES: Readonly<Record<Finding['severity'], Tone>> = {
  broken: 'harm',
  caution: 'waiting',
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
        <Ago at={audit.asOf} />.
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
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
