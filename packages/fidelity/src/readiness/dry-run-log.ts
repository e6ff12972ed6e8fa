import type { Experiment, Finding } from '@fairtrial/protocol'
import { sayCount } from '../words.ts'
import type { DryRunReport } from './dry-run.ts'
import { ageObstacles, fingerprintObstacles } from './of-this-definition.ts'
import { type Obstacle, type Seen, unseen } from './seen.ts'

export const RUN_IT =
  'Run the service under this definition where nobody is hurt, end it, and give its log (--dry-run DIR or --kafka BROKERS).'

/** What another check of readiness tells, by a test of its own. */
export const RATIO_FINDINGS: ReadonlySet<string> = new Set(['sample-ratio', 'sample-ratio-segment'])

/** What a dry run is: over, and small. */
const EXPECTED_FINDINGS: ReadonlySet<string> = new Set([
  'stale-data',
  'no-traffic',
  'no-data',
  'arrival-rate',
])

/**
 * Whether there is a log of this very definition, which replays, has units enough in each arm, and was written to its
 * end by all who wrote it.
 */
export function checkDryRun(
  experiment: Experiment,
  dryRun: DryRunReport | null,
  options: { readonly now: number; readonly maximumAge: number; readonly minimumUnits: number },
): Seen {
  if (dryRun === null) return unseen('There is no log of a dry run.', RUN_IT)
  const { now, maximumAge, minimumUnits } = options
  const { audit, endedAt, producers, unfinished } = dryRun
  const { findings, counts } = audit
  const own = findings.filter(({ code }) => !RATIO_FINDINGS.has(code))
  const broken = own.filter(({ severity, code }) => severity === 'broken' || code === 'unreadable-lines')
  const arms = experiment.variants.map(({ name }) => ({
    name,
    units: audit.sampleRatio?.observed[name] ?? 0,
  }))
  const obstacles: Obstacle[] = [
    ...fingerprintObstacles('The dry run', experiment, audit, RUN_IT),
    ...(endedAt === null ? [] : ageObstacles('The dry run', endedAt, { now, maximumAge, remedy: RUN_IT })),
    ...broken.map(({ code, detail, remedy }) => ({ detail: `${code}: ${detail}`, remedy })),
    ...arms
      .filter(({ units }) => units < minimumUnits)
      .map(({ name, units }) => ({
        detail: `Arm ${name} has ${sayCount(units, 'unit')} of this definition; ${minimumUnits} are needed.`,
        remedy: RUN_IT,
      })),
    ...unfinishedObstacles(unfinished, producers),
  ]
  const said = own.filter(({ code }) => !EXPECTED_FINDINGS.has(code))
  return {
    obstacles,
    detail: [
      `${arms.map(({ name, units }) => `${name} ${sayCount(units, 'unit')}`).join(', ')}; ${sayCount(counts.replayed, 'assignment')} replayed, ${counts.replayMismatches} differ; ${sayCount(producers, 'producer')}, all at their end.`,
      ...sayFindings('Cautions', said, ({ severity }) => severity === 'caution'),
      ...sayFindings('Not checked', said, ({ code }) => code === 'not-checked'),
    ].join(' '),
    evidence: {
      units: Object.fromEntries(arms.map(({ name, units }) => [name, units])),
      minimumUnits,
      endedAt,
      asOf: audit.asOf,
      verdict: audit.verdict,
      findings: own.map(({ code, severity, detail }) => ({ code, severity, detail })),
      counts: { ...counts },
      producers,
      unfinished: unfinished.slice(0, 5),
    },
  }
}

function unfinishedObstacles(unfinished: readonly string[], producers: number): Obstacle[] {
  const [first] = unfinished
  if (first === undefined) return []
  return [
    {
      detail: `${unfinished.length} of ${sayCount(producers, 'producer')} left no final account, ${first} among them: what it wrote last is not known.`,
      remedy: 'Let the services of the dry run close their clients and recorders, reports switched on.',
    },
  ]
}

function sayFindings(
  what: string,
  findings: readonly Finding[],
  isMeant: (finding: Finding) => boolean,
): readonly string[] {
  const meant = findings.filter(isMeant)
  return meant.length === 0 ? [] : [`${what}: ${meant.map(({ detail }) => detail).join(' ')}`]
}
