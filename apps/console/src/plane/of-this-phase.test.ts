import type { RolloutView } from '@fairtrial/rollout'
import { expect, it } from 'vitest'
import { ofThisPhase } from './of-this-phase.ts'

const view = (phase: number, of: number, status: 'running' | 'aborted' = 'running'): RolloutView =>
  ({
    state: { phase, status },
    decision: { phase: of },
    evaluation: { phase: of },
    looks: { phase: of },
    audit: { verdict: 'trusted' },
    proof: { proved: true },
  }) as unknown as RolloutView

it('leaves a view of one phase as it is', () => {
  expect(ofThisPhase(view(1, 1, 'aborted'))).toEqual(view(1, 1, 'aborted'))
})

it('takes out what was known of the phase before', () => {
  const { decision, evaluation, looks, audit, proof } = ofThisPhase(view(2, 1))
  expect({ decision, evaluation, looks, audit, proof }).toEqual({
    decision: null,
    evaluation: null,
    looks: null,
    audit: null,
    proof: null,
  })
})
