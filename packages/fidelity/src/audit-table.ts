import type { AuditReport, Experiment, TrialSummary } from '@fairtrial/protocol'
import { sum } from './disparity.ts'
import { balanceFindings, checkBalance } from './checks/balance.ts'
import { checkDimensions, dimensionFindings } from './checks/dimensions.ts'
import { checkSampleRatio, singleLookFinding } from './checks/sample-ratio.ts'
import { similarIdsFinding } from './checks/similar-ids.ts'
import { createIdSpellings, noteSpelling } from './id-spellings.ts'
import { reportOf } from './report.ts'
import { toleranceOf } from './tolerance.ts'
import type { UnitProfile } from './unit-profile.ts'
import { sayCount, sayShare } from './words.ts'
import type { Found } from './found.ts'

/**
 * What can be checked of a table with a row a unit: the sample ratio, at one look. What only a log can show is
 * told as not checked.
 *
 * @param summary units by variant; a `TrialSummary` will do
 * @param options.unknownVariants texts in the column of the arm that are no variant's, and the rows set aside for them
 * @param options.profile who the units are, by `profileUnits`: where along its dimensions the sample ratio is off, how
 *   its covariates are balanced, and which ids look alike
 */
export function auditTable(
  experiment: Experiment,
  summary: Pick<TrialSummary, 'units' | 'asOf'>,
  options: {
    readonly unknownVariants?: readonly UnknownVariant[]
    readonly profile?: UnitProfile
  } = {},
): AuditReport {
  const observed = experiment.variants.map(({ name }) => summary.units[name] ?? 0)
  const weights = experiment.variants.map((variant) => variant.weight)
  const sampleRatio = checkSampleRatio(experiment, observed, {
    phases: [{ counts: observed, weights }],
    hasReturned: false,
    previousLogP: 0,
  })
  const units = sum(observed)
  const { profile = { unitIds: [], dimensions: [], covariates: [] } } = options
  const dimensions = checkDimensions(experiment, profile.dimensions)
  const balance = checkBalance(experiment, profile.covariates)
  return reportOf(experiment, {
    asOf: summary.asOf,
    sampleRatio,
    ...(dimensions.length > 0 && { dimensions }),
    ...(balance.length > 0 && { balance }),
    findings: [
      ...(sampleRatio === null ? [NO_UNITS] : singleLookFinding(sampleRatio)),
      ...unknownVariantFinding(options.unknownVariants ?? [], units),
      ...dimensionFindings(dimensions),
      ...balanceFindings(experiment, balance),
      ...similarFinding(experiment, profile.unitIds),
      ...NOT_CHECKED,
    ],
    counts: {
      exposures: units,
      uniqueExposures: units,
      outcomes: 0,
      replayed: 0,
      replayMismatches: 0,
      producers: 0,
      missingEvents: 0,
    },
  })
}

/** A text in the variant column that the definition does not know. */
interface UnknownVariant {
  readonly text: string
  readonly rows: number
}

const EXAMPLES = 5

function unknownVariantFinding(unknown: readonly UnknownVariant[], units: number): Found[] {
  if (unknown.length === 0) return []
  const rows = sum(unknown.map((each) => each.rows))
  const examples = unknown.slice(0, EXAMPLES).map(({ text }) => JSON.stringify(text.slice(0, 40)))
  const more = unknown.length > EXAMPLES ? ', …' : ''
  return [
    {
      code: 'unknown-variant',
      severity: 'caution',
      detail: `${sayCount(rows, 'row')} (${sayShare(rows / (rows + units))}) of no variant of the definition: ${examples.join(', ')}${more}; they are left out.`,
      remedy: 'See that these are arms left out on purpose, and not a variant spelled in another way.',
      evidence: { rows, units, texts: unknown.length },
    },
  ]
}

function similarFinding(experiment: Experiment, unitIds: readonly string[]): Found[] {
  const spellings = createIdSpellings()
  const ids = new Set<string>()
  for (const id of unitIds) {
    ids.add(id)
    noteSpelling(spellings, id, (each) => ids.has(each))
  }
  return similarIdsFinding(spellings, ids.size, () => 1, toleranceOf(experiment))
}

const NO_UNITS: Found = {
  code: 'no-data',
  severity: 'caution',
  detail: 'The table holds no unit of any arm.',
  remedy: "See that the column of the arm holds the variants' names, or set their `value`.",
  evidence: {},
}

const NOT_CHECKED: readonly Found[] = [
  'replay: a table does not say how a unit was assigned',
  'loss: a table has no sequence numbers',
  'crossover, repeated exposures and leaks: a table has one row for a unit',
  'freshness and lateness: a table has no times',
].map((what) => ({
  code: 'not-checked',
  severity: 'note',
  detail: `Not checked, ${what}.`,
  remedy: 'Audit the log where there is one.',
  evidence: {},
}))
