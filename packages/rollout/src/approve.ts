import type { Approval, Experiment, RolloutState } from '@fairtrial/protocol'
import type { Change } from './change.ts'
import { stageOf } from './plan.ts'
import { refused, refuseOver } from './refused-order.ts'
import { gateInForce, missingForStart } from './start-gate.ts'

/** One person's word more that the present stage may be left, or that what awaits its start may start. */
export function approving(experiment: Experiment, state: RolloutState, word: Approval): Change {
  refuseOver(state, 'approve')
  const { what, asked } = askedOf(experiment, state)
  const approvals = state.approvals ?? []
  if (asked === 0) throw refused(`${what} asks for no approval.`, 'Nothing is to do.')
  if (approvals.some(({ by }) => isSamePerson(by, word.by))) {
    const left = asked - approvals.length
    throw refused(
      `${word.by} has approved ${uncapitalized(what)} already.`,
      left > 0
        ? `It asks for ${left} more; have ${left === 1 ? 'another one' : 'others'} look at it.`
        : remedyOfApproved(experiment, state, word.at),
    )
  }
  if (approvals.length >= asked) {
    throw refused(
      `${what} has ${asked === 1 ? 'its approval' : `its ${asked} approvals`}.`,
      remedyOfApproved(experiment, state, word.at),
    )
  }
  return { approvals: [...approvals, word] }
}

/** Where all have approved whom it asks for: what is missing still, if anything is. */
function remedyOfApproved(experiment: Experiment, state: RolloutState, now: number): string {
  const missing = state.awaitsStart === true ? missingForStart(experiment, state, now) : []
  return missing.length > 0 ? missing.join(' ') : 'Nothing is to do: nobody else is asked for.'
}

/** What is approved, as the beginning of a sentence, and how many people it asks for. */
function askedOf(experiment: Experiment, state: RolloutState): { what: string; asked: number } {
  if (state.awaitsStart === true)
    return { what: 'The start', asked: gateInForce(experiment, state).approvals }
  if (state.status === 'baking') return { what: 'A bake', asked: 0 }
  return { what: `Stage ${state.stage + 1}`, asked: stageOf(experiment, state.stage).approvals ?? 0 }
}

/** One person, however the name is spelled: letters that look alike to Unicode, their case, and what is not seen. */
export function isSamePerson(one: string, other: string): boolean {
  return personOf(one) === personOf(other)
}

function personOf(name: string): string {
  return name
    .normalize('NFKC')
    .replaceAll(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/\p{Cc}/gu, '')
    .trim()
    .toLowerCase()
}

function uncapitalized(what: string): string {
  return what.slice(0, 1).toLowerCase() + what.slice(1)
}
