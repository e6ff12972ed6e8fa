import type { FindingCode } from '@fairtrial/protocol'
import { audit } from '@fairtrial/fidelity'
import { describe, expect, it } from 'vitest'
import { corruptions } from '../../fidelity/test/corruptions.ts'
import { END, type Faults, recordedLog, triggeredTrial, trial } from '../../fidelity/test/recorded-log.ts'
import { HOUR, makeEvaluation } from '../test/fixture.ts'
import { decide } from './decide.ts'
import { startRollout } from './start.ts'

const named = (name: string): Faults => corruptions.find((each) => each.name === name)?.faults ?? {}

/** Logs that break the audit, by the finding that breaks it. */
const broken: readonly (readonly [FindingCode, Faults])[] = [
  ['loss-by-arm', named('numbered-loss-2')],
  ['sequence-gap', named('numbered-loss-5')],
  ['replay-mismatch', named('another-salt')],
  ['leak', named('leak')],
  ['crossover', named('edited-arms')],
  ['trigger-imbalance', named('trigger-imbalance')],
  ['excluded-traffic', named('exclusion-bias')],
  ['unknown-variant', { alter: (_, { drawn }) => (drawn < 0.05 ? { variant: 'ghost' } : {}) }],
  [
    'pseudonym-keys',
    {
      alter: ({ unitId }, { drawn }) => ({
        unitId: `~${drawn < 0.5 ? 'first1' : 'second'}.${unitId.replace(/\W/g, '').padStart(22, 'x').slice(-22)}`,
      }),
    },
  ],
]

describe('what the audit says is obeyed', () => {
  /** At the last stage, with all the time and units it takes and a primary that is better. */
  const decided = (faults: Faults, verdicts?: Parameters<typeof makeEvaluation>[3]) => {
    const of = 'isTriggered' in faults ? triggeredTrial : trial
    const report = audit(of, recordedLog({ of, seed: 11, units: 6_000, faults }), { asOf: END, phase: 1 })
    const state = { ...startRollout(of, { now: END - 24 * HOUR }), stage: 0, trafficPercent: 100 }
    const evaluation = makeEvaluation(of, END, 10_000, verdicts ?? { watched: 'better', started: 'ok' })
    return { report, decision: decide({ experiment: of, state, evaluation, audit: report, now: END }) }
  }

  it('ships on a clean log', () => {
    expect(decided({}).decision).toMatchObject({ action: 'ship' })
  })

  it.each(broken)(
    'holds and never ships while %s is broken, and aborts on harm all the same',
    (code, faults) => {
      const { report, decision } = decided(faults)
      expect(report.findings.find((finding) => finding.code === code)?.severity).toBe('broken')
      expect(decision).toMatchObject({ action: 'hold', rule: 'audit-broken' })
      expect(decision.evidence['audit']).toMatchObject({ verdict: 'broken' })
      const harmed = decided(faults, { watched: 'better', started: 'breach' }).decision
      expect(harmed).toMatchObject({ action: 'abort', rule: 'guardrail-breach' })
    },
  )

  it('ships with a caution, and tells it', () => {
    const { decision } = decided(named('clock-ahead'))
    expect(decision.action).toBe('ship')
    expect(decision.reasons.join('\n')).toContain('Caution from the audit:')
  })
})
