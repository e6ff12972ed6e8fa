import { auditReport, createAudit, foldAudit } from '@fairtrial/fidelity'
import { answer, type Console } from '../console.ts'
import { readDefinition } from '../definition-file.ts'
import { type ExitCode, exitCodeOfAudit } from '../exit-code.ts'
import { type LogPlace, readPlace } from '../log-place.ts'
import { auditText } from '../text/audit-text.ts'

export type AuditOptions = LogPlace & {
  /** Epoch milliseconds; default now. */
  readonly asOf?: number
  readonly json?: boolean
}

/** `fairtrial audit`: replays and checks a log, all of its phases, against its definition. */
export async function audit(console: Console, file: string, options: AuditOptions): Promise<ExitCode> {
  const experiment = await readDefinition(file)
  const ledger = createAudit(experiment)
  for await (const portion of readPlace(options)) foldAudit(ledger, portion.events, portion)
  const report = auditReport(ledger, { asOf: options.asOf ?? console.now() })
  answer(console, options, report, () => auditText(report))
  return exitCodeOfAudit(report)
}
