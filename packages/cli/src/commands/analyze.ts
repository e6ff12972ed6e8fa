import { answer, type Console } from '../console.ts'
import { readDefinition } from '../definition-file.ts'
import { type ExitCode, exitCodeOfAnalysis } from '../exit-code.ts'
import { refuseTaken, writeLock } from '../lock/lock-file.ts'
import { lockOf } from '../lock/lock-of.ts'
import { readLookFile, writeLookFile } from '../look-file.ts'
import { type LookOptions, takeLook } from '../take-look.ts'
import { auditText } from '../text/audit-text.ts'
import { evaluationText } from '../text/evaluation-text.ts'
import { summaryText } from '../text/summary-text.ts'

/** What is looked at, and what is written besides the answer. */
export type AnalyzeOptions = LookOptions & {
  /** Epoch milliseconds; default now. */
  readonly asOf?: number
  readonly json?: boolean
  /** File of the looks so far: read, and written with this one. Without it, this is the first look there is. */
  readonly looks?: string
  /** File to nail the analysis down in. */
  readonly lock?: string
}

/** `fairtrial analyze`: one look at a unit table or at a log, audited, evaluated, decided. */
export async function analyze(console: Console, file: string, options: AnalyzeOptions): Promise<ExitCode> {
  const { looks, lock, json = false, asOf = console.now(), ...lookOptions } = options
  if (lock !== undefined) await refuseTaken(lock)
  const experiment = await readDefinition(file)
  const ledger = looks === undefined ? undefined : await readLookFile(looks)
  const look = await takeLook(experiment, lookOptions, { now: asOf, ledger })
  const { evaluation, audit, decision, document } = look
  const locked =
    lock === undefined
      ? undefined
      : await lockOf(look, { lock, file, experiment, options: lookOptions, asOf, ledger })
  // A look that is not recorded is not told: what it finds would be tested for again.
  if (looks !== undefined) await writeLookFile(looks, evaluation.looks, ledger)
  answer(console, { json }, document, () =>
    [evaluationText(experiment, evaluation), auditText(audit), summaryText(experiment, look)].join('\n\n'),
  )
  if (lock !== undefined && locked !== undefined) await writeLock(lock, locked)
  return exitCodeOfAnalysis(evaluation, audit, decision)
}
