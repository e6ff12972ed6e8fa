import { audit, auditReport, createAudit, foldAudit } from '@fairtrial/fidelity'
import type { AuditReport } from '@fairtrial/protocol'
import { type Corruption, corruptions, findingOf } from '../../../packages/fidelity/test/corruptions.ts'
import { BEGIN, END, recordedLog, trial } from '../../../packages/fidelity/test/recorded-log.ts'
import { shareAtLeast, shareAtMost, shareShown } from '../outcome.ts'
import type { Row, Setting } from '../row.ts'

const source = 'Lindon & Malek 2022; Fabijan et al. 2019'

/** How many of a number of logs, each drawn anew, have it. */
function logsWith(
  { trials, random }: Setting,
  has: (seed: number) => boolean,
): { readonly hits: number; readonly trials: number } {
  let hits = 0
  for (let i = 0; i < trials; i++) if (has(Math.floor(random.uniform() * 2 ** 31))) hits++
  return { hits, trials }
}

const LOOKS = 10

/** A clean log, read as it grows: whether any of its looks says so. */
function isEver(seed: number, says: (report: AuditReport) => boolean): boolean {
  const log = recordedLog({ seed })
  const folded = createAudit(trial)
  let from = 0
  for (let look = 1; look <= LOOKS; look++) {
    const asOf = BEGIN + ((END - BEGIN) * look) / LOOKS
    let to = from
    while (to < log.length && (log[to]!.receivedAt ?? 0) <= asOf) to++
    foldAudit(folded, log.slice(from, to))
    from = to
    if (says(auditReport(folded, { asOf }))) return true
  }
  return false
}

const clean: readonly Row[] = [
  {
    name: 'audit/clean-caution',
    claim: `A clean log of 2,000 units, read ${LOOKS} times: ever a caution, or worse`,
    source,
    trials: { full: 1_000, short: 20 },
    run: (setting) =>
      shareAtMost(
        logsWith(setting, (seed) => isEver(seed, ({ verdict }) => verdict !== 'trusted')),
        0.02,
      ),
  },
  {
    name: 'audit/clean-broken',
    claim: '… ever broken',
    source,
    trials: { full: 1_000, short: 20 },
    run: (setting) =>
      shareAtMost(
        logsWith(setting, (seed) => isEver(seed, ({ verdict }) => verdict === 'broken')),
        0.002,
      ),
  },
]

/** Of a log with a fault. */
const UNITS = 4_000
const reportOf = ({ faults }: Corruption, seed: number): AuditReport =>
  audit(trial, recordedLog({ seed, units: UNITS, faults }), { asOf: END })

/** What 4,000 units can only just tell. */
const SLIGHT = new Set(['unnumbered-loss-1', 'trigger-imbalance'])

const corrupted = corruptions.flatMap((corruption): Row[] => {
  const { name, what, code, isNamed } = corruption
  const least = SLIGHT.has(name) ? 0.95 : 0.99
  const found: Row = {
    name: `audit/${name}`,
    claim: `${what[0]!.toUpperCase()}${what.slice(1)}: found`,
    source,
    trials: { full: 100, short: 3 },
    run: (setting) =>
      shareAtLeast(
        logsWith(setting, (seed) => findingOf(reportOf(corruption, seed), corruption) !== undefined),
        least,
      ),
  }
  if (isNamed === undefined) return [found]
  const named: Row = {
    name: `audit/${name}-named`,
    claim: `… as ${code}, with where it is`,
    source,
    trials: { full: 100, short: 3 },
    run: (setting) =>
      shareAtLeast(
        logsWith(setting, (seed) => {
          const finding = findingOf(reportOf(corruption, seed), corruption)
          return finding !== undefined && isNamed(finding)
        }),
        least - 0.02,
      ),
  }
  return [found, named]
})

/** What nobody numbers and nobody counts can show in the sample ratio alone. */
const silent: Row = {
  name: 'audit/silent-loss-5',
  claim: '5 % of one arm are never exposed, and nobody counts assignments: any caution',
  source: 'Lindon & Malek 2022',
  trials: { full: 100, short: 3 },
  run: (setting) =>
    shareShown(
      logsWith(setting, (seed) => {
        const faults = {
          unexposed: ({ variant, drawn }: { variant: string; drawn: number }) =>
            variant === 'model' && drawn < 0.05,
        }
        const log = recordedLog({ seed, units: UNITS, faults })
        const events = log.filter(({ schema }) => schema !== 'fairtrial.producer/1')
        // Without the accounts their numbers would be gaps.
        const unnumbered = events.map((event, i) => ({ ...event, producerId: 'one', sequence: i + 1 }))
        return audit(trial, unnumbered, { asOf: END }).verdict !== 'trusted'
      }),
    ),
}

/** The audit of a log: how often it is wrong about a clean one, and how often it finds what is wrong with another. */
export const auditRows: readonly Row[] = [...clean, ...corrupted, silent]
