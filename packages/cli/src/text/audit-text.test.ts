import type { AuditReport } from '@fairtrial/protocol'
import { expect, it } from 'vitest'
import { auditText } from './audit-text.ts'

it('counts one of a thing as one', () => {
  const counts = { exposures: 1, uniqueExposures: 1, outcomes: 2, replayed: 1, replayMismatches: 0 }
  const report = {
    sampleRatio: null,
    verdict: 'trusted',
    findings: [],
    counts: { ...counts, producers: 1, missingEvents: 1_200 },
  }
  expect(auditText(report as unknown as AuditReport).split('\n')).toEqual([
    'Audit: trusted',
    '  1 exposure (1 distinct), 2 outcomes',
    '  1 producer, 1,200 events missing',
    '  1 assignment replayed, 0 differ',
  ])
})
