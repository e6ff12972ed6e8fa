import {
  createDryRun,
  type DryRunReport,
  dryRunReport,
  foldDryRun,
  readinessReport,
} from '@fairtrial/fidelity'
import type { Experiment } from '@fairtrial/protocol'
import { answer, type Console } from '../console.ts'
import { readDefinition } from '../definition-file.ts'
import { writeDocument } from '../document-file.ts'
import { type ExitCode, exitCodeOfReadiness } from '../exit-code.ts'
import { requireDirectory } from '../log-directory.ts'
import { type LogPlace, readPlace } from '../log-place.ts'
import { readContractReport } from '../readiness/contract-file.ts'
import { tryLock } from '../readiness/lock-of-dry-run.ts'
import { printableLines } from '../text/printable.ts'
import { readinessText } from '../text/readiness-text.ts'

/** What there is to look at, and how it is judged. */
export interface ReadyOptions {
  /** Directory of the dry run's segments; or the brokers of its topics. */
  readonly dryRun?: string
  readonly kafka?: readonly string[]
  readonly topicPrefix?: string
  readonly contract?: string
  readonly lock?: string
  readonly phase: number
  /** In milliseconds. */
  readonly maxAge: number
  readonly minUnits: number
  readonly allowUnseen: readonly string[]
  readonly allowUneven: readonly string[]
  readonly allowUnmeasured: readonly string[]
  /** File to write the report to. */
  readonly out?: string
  readonly json?: boolean
}

/** `fairtrial ready`: whether a trial may begin, by what was tried before. */
export async function ready(console: Console, file: string, options: ReadyOptions): Promise<ExitCode> {
  const { contract, lock, phase, maxAge, minUnits, out } = options
  const experiment = await readDefinition(file)
  const now = console.now()
  const place = placeOf(options)
  const contractReport = contract === undefined ? null : await readContractReport(contract)
  if (contract !== undefined && contractReport === null)
    console.stderr.write(`fairtrial: --contract ${contract} is not there: no contract test has passed.\n`)
  const evidence = {
    contract: contractReport,
    dryRun: place === null ? null : await readDryRun(experiment, place, { phase, asOf: now }),
    lock: lock === undefined ? null : await tryLock(lock, place),
  }
  const report = readinessReport(experiment, evidence, {
    now,
    maximumAge: maxAge,
    minimumUnits: minUnits,
    unseenMetrics: options.allowUnseen,
    unevenMetrics: options.allowUneven,
    unmeasured: options.allowUnmeasured,
  })
  answer(console, options, report, () => readinessText(report))
  if (out !== undefined) {
    await writeDocument(out, report)
    if (options.json !== true) console.stdout.write(`  Written to ${printableLines(out)}.\n`)
  }
  return exitCodeOfReadiness(report)
}

function placeOf({ dryRun, kafka, topicPrefix }: ReadyOptions): LogPlace | null {
  if (kafka !== undefined) return { kafka, ...(topicPrefix !== undefined && { topicPrefix }) }
  return dryRun === undefined ? null : { log: dryRun }
}

async function readDryRun(
  experiment: Experiment,
  place: LogPlace,
  { phase, asOf }: { readonly phase: number; readonly asOf: number },
): Promise<DryRunReport> {
  if ('log' in place) await requireDirectory(place.log, '--dry-run')
  const dryRun = createDryRun(experiment, { phase })
  for await (const portion of readPlace(place)) foldDryRun(dryRun, portion.events, portion)
  return dryRunReport(dryRun, { asOf })
}
