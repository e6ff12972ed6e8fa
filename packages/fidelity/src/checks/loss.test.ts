import { describe, expect, it } from 'vitest'
import { found } from '../../test/audited.ts'
import { END, recordedLog, trial } from '../../test/recorded-log.ts'
import { isExposure } from '../../test/synthetic-log.ts'
import { createAudit, foldAudit } from '../audit.ts'
import { audit, auditReport } from '../report.ts'

describe('a gap in the numbers', () => {
  it('is no loss while the rest may be on its way, and one when it has not come', () => {
    const log = recordedLog({ units: 300 })
    const missing = log.find((event) => isExposure(event) && event.receivedAt! > END - 60 * 60_000)!
    const at = missing.receivedAt!
    const folded = createAudit(trial)
    const rest = log.filter((event) => event !== missing)
    foldAudit(
      folded,
      rest.filter(({ receivedAt = 0 }) => receivedAt < at + 60_000),
    )
    const early = auditReport(folded, { asOf: at + 60_000 })
    expect(early.counts.missingEvents).toBe(1)
    for (const code of ['sequence-gap', 'loss-by-arm'] as const) expect(found(early, code)).toBeUndefined()
    foldAudit(
      folded,
      rest.filter(({ receivedAt = 0 }) => receivedAt >= at + 60_000),
    )
    const late = auditReport(folded, { asOf: END })
    for (const code of ['sequence-gap', 'loss-by-arm'] as const)
      expect(found(late, code)?.severity).toBe('caution')
    foldAudit(folded, [missing])
    expect(auditReport(folded, { asOf: END }).verdict).toBe('trusted')
  })
})

describe('two runs that call themselves alike', () => {
  it('are told: what one lost has the number of what the other wrote', () => {
    const log = recordedLog({ units: 300 }).map((event) => ({ ...event, producerId: 'api-1' }))
    expect(found(audit(trial, log, { asOf: END }), 'reused-numbers')?.severity).toBe('broken')
  })

  it('are not seen where a line comes twice, in whatever order', () => {
    const log = recordedLog({ units: 300 })
    for (const events of [
      [...log, ...log],
      [...log.toReversed(), ...log],
    ]) {
      expect(found(audit(trial, events, { asOf: END }), 'reused-numbers')).toBeUndefined()
    }
  })
})
