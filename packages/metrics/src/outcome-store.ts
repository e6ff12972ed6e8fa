/** Outcomes, one array a field, chained by unit. */
export interface Outcomes {
  /** Index of the event's name. */
  readonly eventIndex: number[]
  readonly occurredAt: number[]
  readonly value: number[]
  /** Where the same unit's outcome before stands; `NO_OUTCOME` at its first. */
  readonly previous: number[]
}

/**
 * All outcomes of a fold. A log has millions of them, and an object for each would cost more than to read it.
 */
export interface OutcomeStore extends Outcomes {
  readonly outcomeId: string[]
}

/** A unit's outcomes in the store. */
export interface OutcomeChain {
  /** Where its newest stands. */
  lastOutcome: number
  outcomeCount: number
  /** Their ids, once there are too many to look through one by one. */
  outcomeIds: Set<string> | null
}

export const NO_OUTCOME = -1

const LONG_CHAIN = 24

export function createOutcomeStore(): OutcomeStore {
  return { outcomeId: [], eventIndex: [], occurredAt: [], value: [], previous: [] }
}

/** Adds an outcome to a unit's chain, unless one of the same id is there. @returns whether it was new */
export function addOutcome(
  store: OutcomeStore,
  chain: OutcomeChain,
  outcome: { readonly outcomeId: string; readonly occurredAt: number; readonly value: number },
  eventIndex: number,
): boolean {
  const { outcomeId } = outcome
  if (isInChain(store, chain, outcomeId)) return false
  store.outcomeId.push(outcomeId)
  store.eventIndex.push(eventIndex)
  store.occurredAt.push(outcome.occurredAt)
  store.value.push(outcome.value)
  chain.lastOutcome = store.previous.push(chain.lastOutcome) - 1
  chain.outcomeCount += 1
  chain.outcomeIds?.add(outcomeId)
  return true
}

function isInChain(store: OutcomeStore, chain: OutcomeChain, outcomeId: string): boolean {
  if (chain.outcomeCount >= LONG_CHAIN) {
    chain.outcomeIds ??= new Set(idsOf(store, chain))
    return chain.outcomeIds.has(outcomeId)
  }
  for (let i = chain.lastOutcome; i !== NO_OUTCOME; i = store.previous[i]!) {
    if (store.outcomeId[i] === outcomeId) return true
  }
  return false
}

function* idsOf(store: OutcomeStore, chain: OutcomeChain): Generator<string> {
  for (let i = chain.lastOutcome; i !== NO_OUTCOME; i = store.previous[i]!) yield store.outcomeId[i]!
}
