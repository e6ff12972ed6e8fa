import type { LookLedger, ReadinessReport, RolloutState, TransitionEvent } from '@fairtrial/protocol'

export function isRefused(asked: Promise<unknown>): Promise<boolean> {
  return asked.then(
    () => false,
    () => true,
  )
}

export function ledgerOf(looks: number): LookLedger {
  return {
    schema: 'fairtrial.look-ledger/1',
    experiment: 'trial',
    fingerprint: 'a'.repeat(64),
    phase: 1,
    attempt: { share: 1, total: 1 },
    looks: Array.from({ length: looks }, (_, index) => ({
      metric: 'started',
      variant: 'model',
      look: index + 1,
      kind: 'scheduled' as const,
      at: 1_000 + index,
      units: 100 * (index + 1),
      informationFraction: (index + 1) / 4,
      effect: 0.01,
      z: 1,
      boundary: 3,
      alphaSpent: 0.01,
      decided: null,
    })),
    glances: 0,
  }
}

/** What an order may have given with a transition: it stands in the journal, whole. */
export const readiness: ReadinessReport = {
  schema: 'fairtrial.readiness/1',
  experiment: 'trial',
  fingerprint: 'a'.repeat(64),
  madeAt: 1_000,
  ready: false,
  checks: [
    {
      check: 'dry-run',
      passed: false,
      detail: 'It was not run.',
      remedy: 'Run it.',
      evidence: { units: 0, 'a b': null },
    },
  ],
}

/** A transition one revision on, from a state with the cause that it had. */
export function step(from: number | null, cause = 'a step', causeBefore = 'a step'): TransitionEvent {
  const to = stateAt((from ?? 0) + 1, cause)
  const before = from === null ? null : stateAt(from, causeBefore)
  return {
    schema: 'fairtrial.transition/1',
    experiment: 'trial',
    at: to.changedAt,
    by: 'contract',
    from: before,
    to,
    decision: null,
    reason: cause,
  }
}

function stateAt(revision: number, cause: string): RolloutState {
  return {
    schema: 'fairtrial.state/1',
    experiment: 'trial',
    fingerprint: 'a'.repeat(64),
    phase: 1,
    revision,
    status: 'running',
    stage: 0,
    trafficPercent: 1,
    shippedVariant: null,
    startedAt: 1_000,
    stageStartedAt: 1_000,
    changedAt: 1_000 + revision,
    holdingSince: null,
    cause,
  }
}

export function equal(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (a !== b) throw new Error(`${what} is ${a}, and must be ${b}.`)
}
