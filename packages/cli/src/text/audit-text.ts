import type { AuditReport } from '@fairtrial/protocol'
import { sayCount, sayNumber } from './numbers.ts'

/** An audit for people: the verdict, then every finding with what to do about it. */
export function auditText(audit: AuditReport): string {
  const { counts, sampleRatio } = audit
  const lines = [
    `Audit: ${audit.verdict}`,
    `  ${sayCount(counts.exposures)} exposures (${sayCount(counts.uniqueExposures)} distinct), ${sayCount(counts.outcomes)} outcomes, ` +
      `${sayCount(counts.producers)} producers, ${sayCount(counts.missingEvents)} events missing`,
    `  ${sayCount(counts.replayed)} assignments replayed, ${sayCount(counts.replayMismatches)} differ`,
  ]
  if (sampleRatio) {
    const observed = Object.entries(sampleRatio.observed).map(([variant, n]) => `${variant} ${sayCount(n)}`)
    lines.push(
      `  sample ratio: ${observed.join(' : ')}, chi-square p = ${sayNumber(sampleRatio.pValue)}, ` +
        `p at any look = ${sayNumber(sampleRatio.anytimePValue)}`,
    )
  }
  for (const { code, severity, detail, remedy } of audit.findings) {
    lines.push(`  ${severity.padEnd(7)} ${code}: ${detail}`, `          ${remedy}`)
  }
  return lines.join('\n')
}
