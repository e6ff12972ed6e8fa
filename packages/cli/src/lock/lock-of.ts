import { dirname, join, relative, resolve } from 'node:path'
import type { EvaluationLock, Experiment, JsonObject, LookLedger } from '@fairtrial/protocol'
import type { Look, LookOptions } from '../take-look.ts'
import { codeInForce } from './code-in-force.ts'
import { digestFile, digestText } from './digest.ts'

/** What an analysis was, besides its answer. */
export interface AnalysisMade {
  /** Where the lock will be: its paths are relative to it. */
  readonly lock: string
  /** The definition, with `#NAME` where one of several was meant. */
  readonly file: string
  readonly experiment: Experiment
  readonly options: LookOptions
  /** Epoch milliseconds. */
  readonly asOf: number
  readonly ledger: LookLedger | undefined
}

/** Nails an analysis down. */
export async function lockOf(look: Look, made: AnalysisMade): Promise<EvaluationLock> {
  const { lock, file, experiment, options, asOf, ledger } = made
  const folder = dirname(resolve(lock))
  const fromLock = (path: string) => relative(folder, resolve(path))
  return {
    schema: 'fairtrial.lock/1',
    code: await codeInForce(),
    definition: { file: fromLock(file), fingerprint: experiment.fingerprint },
    options: { ...plain(options), ...placeOf(options, fromLock), asOf },
    inputs: await lockedInputs(look, options, fromLock),
    looks: ledger ?? null,
    seeds: [],
    document: { sha256: digestText(textOf(look.document)), content: plain(look.document) },
  }
}

/** A document as `--json` prints it. */
export function textOf(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`
}

/** Where the data are, as seen from the lock; topics are where they are. */
function placeOf(options: LookOptions, fromLock: (path: string) => string): JsonObject {
  if ('table' in options) return { table: fromLock(options.table) }
  return 'log' in options ? { log: fromLock(options.log) } : {}
}

async function lockedInputs(
  { read }: Look,
  options: LookOptions,
  fromLock: (path: string) => string,
): Promise<EvaluationLock['inputs']> {
  if (read !== null && 'partitions' in read) return read.partitions
  const files =
    'log' in options
      ? Object.entries(read?.files ?? {}).map(([name, upTo]) => ({ path: join(options.log, name), upTo }))
      : 'table' in options
        ? [{ path: options.table, upTo: Number.POSITIVE_INFINITY }]
        : []
  return Promise.all(
    files.map(async ({ path, upTo }) => {
      const { bytes, sha256 } = await digestFile(path, upTo)
      return { source: fromLock(path), upTo: bytes, sha256 }
    }),
  )
}

/** As JSON has it, so that what is compared later is what was written. */
function plain(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject
}
