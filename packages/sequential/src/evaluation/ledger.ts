import type { Experiment, LookLedger, LookRecord, TrialSummary } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import { CLOSEST } from './looks/standing.ts'

/** The looks at one comparison. */
export function pastLooks({ looks }: LookLedger, metric: string, variant: string): readonly LookRecord[] {
  return looks.filter((look) => look.metric === metric && look.variant === variant)
}

/** The ledger grown by the looks of one evaluation; without any it was a glance. */
export function extendLedger(ledger: LookLedger, taken: readonly LookRecord[]): LookLedger {
  if (taken.length === 0) return { ...ledger, glances: ledger.glances + 1 }
  return { ...ledger, looks: [...ledger.looks, ...taken] }
}

/** The ledger as this look finds it: the one given, or an empty one of this phase. */
export function openLedger(
  experiment: Experiment,
  { phase }: TrialSummary,
  given: LookLedger | undefined,
): LookLedger {
  if (given !== undefined) {
    if (
      given.experiment === experiment.key &&
      given.fingerprint === experiment.fingerprint &&
      given.phase === phase
    ) {
      refuseDamaged(experiment, given)
      return given
    }
    throw new ExperimentError(
      'definition-changed',
      `The look ledger is of ${given.experiment}, phase ${given.phase}, with fingerprint ${given.fingerprint}; the summary is of ${experiment.key}, phase ${phase}, with ${experiment.fingerprint}.`,
      'Give the looks of the evaluation before, of the same phase, or none for the first.',
    )
  }
  return {
    schema: 'fairtrial.look-ledger/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    phase,
    attempt: attemptOf(experiment, phase),
    looks: [],
    glances: 0,
  }
}

/** What no evaluation of this plan has written would spend alpha that there is not, or fail in the arithmetic of bounds. */
function refuseDamaged(experiment: Experiment, { phase, attempt, looks }: LookLedger): void {
  const { share } = attemptOf(experiment, phase)
  if (attempt.share !== share) {
    throw damaged(`it gives phase ${phase} the share ${attempt.share} of alpha, the plan ${share}`)
  }
  const reached = new Map<string, number>()
  for (const { metric, variant, kind, informationFraction, boundary, decided } of looks) {
    // What a confidence sequence has decided did not spend, and units may have been left out meanwhile.
    if (kind === 'chosen' || (boundary === null && decided !== null)) continue
    const comparison = JSON.stringify([metric, variant])
    const before = reached.get(comparison) ?? 0
    if (!(informationFraction - before >= CLOSEST * informationFraction && informationFraction > before)) {
      throw damaged(
        `a look at ${metric} of ${variant} is at the fraction ${informationFraction}, after one at ${before}`,
      )
    }
    reached.set(comparison, informationFraction)
  }
}

function damaged(why: string): ExperimentError {
  return new ExperimentError(
    'invalid-argument',
    `The look ledger is not one that this plan has written: ${why}.`,
    'Restore the looks of the evaluation before. Do not begin anew: alpha that has been spent would be spent again.',
  )
}

/**
 * The share of alpha that a phase may spend, and what all phases so far may: alpha belongs to the experiment's key. By
 * the plan's list; beyond it, half of the one before.
 */
function attemptOf(
  { analysis: { attempts = [1] } }: Experiment,
  phase: number,
): { readonly share: number; readonly total: number } {
  const last = attempts.at(-1)!
  const shares = Array.from(
    { length: phase },
    (_, index) => attempts[index] ?? last * 0.5 ** (index - attempts.length + 1),
  )
  return { share: shares.at(-1)!, total: shares.reduce((sum, share) => sum + share, 0) }
}
