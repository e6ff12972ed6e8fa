import type { AuditReport, EffectBias, Finding } from '@fairtrial/protocol'
import { layColumns } from './columns.ts'
import { sayCount, sayNumber } from './numbers.ts'
import { balanceText, dimensionText } from './profile-text.ts'
import { wrap } from './wrap.ts'

/** An audit for people: the verdict, what was looked at, then every finding with what to do about it. */
export function auditText(audit: AuditReport): string {
  const { counts, findings, dimensions = [], balance = [] } = audit
  const lines = [`Audit: ${audit.verdict}`, ...sampleRatioLines(audit), ...dimensions.map(dimensionText)]
  if (balance.length > 0) lines.push(balanceText(balance))
  if (counts.producers > 0) {
    lines.push(
      `  ${many(counts.exposures, 'exposure')} (${sayCount(counts.uniqueExposures)} distinct), ${many(counts.outcomes, 'outcome')}`,
      `  ${many(counts.producers, 'producer')}, ${many(counts.missingEvents, 'event')} missing`,
      `  ${many(counts.replayed, 'assignment')} replayed, ${sayCount(counts.replayMismatches)} differ`,
    )
  }
  for (const [index, finding] of findings.entries()) {
    const { code, severity, detail, remedy } = finding
    lines.push(wrap(`${code}: ${detail}`, `  ${severity.padEnd(8)}`, HANGING))
    if (severity !== 'note') lines.push(wrap(weightText(finding), HANGING))
    // Findings with one remedy are told it once.
    if (remedy !== findings[index + 1]?.remedy) lines.push(wrap(remedy, HANGING))
  }
  return lines.join('\n')
}

const HANGING = ' '.repeat(10)

function many(count: number, noun: string): string {
  return `${sayCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

const BIASES: { readonly [bias in EffectBias]: string } = {
  no: 'does not bias the effect',
  possible: 'may bias the effect',
  likely: 'likely biases the effect',
}

/** How much of the trial it concerns, and what that does to what the trial is for. */
function weightText({ size, biasesEffect }: Finding): string {
  const share = size === null ? '' : `${sayNumber(100 * size)} %; `
  return `(${share}${BIASES[biasesEffect]})`
}

function sampleRatioLines({ sampleRatio }: AuditReport): string[] {
  if (sampleRatio === null) return []
  const { observed, weights, chiSquare, degreesOfFreedom, pValue, anytimePValue } = sampleRatio
  return [
    layColumns([
      ['sample ratio', 'units', 'weight'],
      ...Object.entries(observed).map(([variant, n]) => [
        `  ${variant}`,
        sayCount(n),
        sayCount(weights[variant] ?? 0),
      ]),
    ]),
    `    chi-square ${sayNumber(chiSquare)} (df ${degreesOfFreedom}), p ${sayNumber(pValue)} at one look, ${sayNumber(anytimePValue)} at any look`,
  ]
}
