import type { Audit } from '../audit.ts'
import { addTo, byArm, sayByArm, zerosFor } from '../by-arm.ts'
import { sum } from '../disparity.ts'
import type { Found } from '../found.ts'
import { parityOf, parityP } from '../parity.ts'
import { sayCount, sayP, sayPart } from '../words.ts'

/** Traffic that enters no analysis: told, so that nobody wonders where it went. */
export function asideFindings(audit: Audit, units: readonly number[]): Found[] {
  return [...overriddenFinding(audit), ...excludedFinding(audit, units)]
}

function overriddenFinding({ experiment, aside, counts }: Audit): Found[] {
  const forced = sum(aside.overridden)
  if (forced === 0) return []
  return [
    {
      code: 'overridden-exposures',
      severity: 'note',
      detail: `Left out, because their arm was forced: ${sayCount(forced, 'exposure')}.`,
      size: forced / (forced + counts.exposures),
      remedy: 'There is nothing to mend, unless more arms are forced than people are testing.',
      evidence: { overridden: byArm(experiment, aside.overridden) },
    },
  ]
}

/** What rules set aside must be as frequent in every arm: a rule that the treatment can move takes units out of one arm. */
function excludedFinding({ experiment, aside }: Audit, units: readonly number[]): Found[] {
  const byRule = new Map((experiment.exclusions?.rules ?? []).map(({ name }) => [name, zerosFor(experiment)]))
  const excluded = zerosFor(experiment)
  for (const { arm, rule } of aside.excluded.values()) {
    addTo(byRule.get(rule) ?? [], arm, 1)
    addTo(excluded, arm, 1)
  }
  const count = sum(excluded)
  if (count === 0) return []
  const all = units.map((kept, arm) => kept + (excluded[arm] ?? 0))
  const met = [...byRule].filter(([, arms]) => sum(arms) > 0)
  const judged = met.map(([rule, arms]) => ({ rule, arms, p: parityP(experiment, arms, all) }))
  const [worst] = judged.toSorted((a, b) => (a.p ?? 1) - (b.p ?? 1))
  const p = worst === undefined || worst.p === null ? null : Math.min(1, worst.p * judged.length)
  const { severity, isOff } = parityOf(p)
  const version = experiment.exclusions?.version ?? ''
  const told =
    isOff && p !== null && worst !== undefined
      ? `; of ${worst.rule}: ${sayByArm(experiment, worst.arms, all)}, p ${sayP(p)} if arms were alike`
      : ''
  return [
    {
      code: 'excluded-traffic',
      severity,
      detail: `${sayPart(count, sum(all), 'unit')} are set aside by the rules ${version}: ${met.map(([rule, arms]) => `${rule} ${sum(arms).toLocaleString('en-US')}`).join(', ')}${told}.`,
      size: count / sum(all),
      biasesEffect: isOff ? 'likely' : 'no',
      remedy: isOff
        ? 'The rule takes more from one arm than from another: look at what the treatment does to what the rule asks, and ask for something that is known before.'
        : 'There is nothing to mend: the rules set arms aside alike.',
      evidence: {
        version,
        rules: Object.fromEntries(
          judged.map(({ rule, arms, p }) => [rule, { units: byArm(experiment, arms), pValue: p }]),
        ),
      },
    },
  ]
}
