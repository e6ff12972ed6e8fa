import { setTimeout as sleep } from 'node:timers/promises'
import type { ExperimentError } from '@fairtrial/protocol'
import type { RolloutView } from '@fairtrial/rollout'
import { askPlane, pathOf } from '../plane/ask-plane.ts'
import { listenToChanges } from '../plane/listen-to-changes.ts'
import type { PlaneAccess } from '../plane/plane-access.ts'

/** A rollout as it was just seen. */
export interface Seen {
  readonly view: RolloutView
  /** Whether changes are told as they happen; else they are asked for. */
  readonly isLive: boolean
  /** Why it could not be seen anew; the view is then the last one that was. */
  readonly problem: string | null
}

/** Milliseconds between two questions, and between two tries to listen. */
export interface Pace {
  /** Where nothing is told. */
  readonly pollMs: number
  /** Where changes are told: proof and evidence may move without one. */
  readonly liveMs: number
  readonly listenAgainMs: number
}

const PACE: Pace = { pollMs: 2_000, liveMs: 10_000, listenAgainMs: 5_000 }

/**
 * Looks at a rollout again and again: when the control plane tells of a change, and from time to time.
 *
 * @throws ExperimentError `unreachable` at the first look alone; `refused` at any
 */
export async function* followRollout(
  access: PlaneAccess,
  key: string,
  { signal, pace = PACE }: { readonly signal: AbortSignal; readonly pace?: Pace },
): AsyncGenerator<Seen> {
  const ended = new AbortController()
  const over = AbortSignal.any([signal, ended.signal])
  let isLive = false
  let wake = new AbortController()
  void listen()
  try {
    let view: RolloutView | null = null
    while (!signal.aborted) {
      wake = new AbortController()
      let problem: string | null = null
      try {
        view = await askPlane<RolloutView>(access, pathOf(key), 'fairtrial.rollout/1')
      } catch (error) {
        if (view === null || (error as ExperimentError).code !== 'unreachable') throw error
        problem = (error as ExperimentError).message
      }
      yield { view, isLive, problem }
      await pause(
        isLive && problem === null ? pace.liveMs : pace.pollMs,
        AbortSignal.any([over, wake.signal]),
      )
    }
  } finally {
    ended.abort()
  }

  async function listen(): Promise<void> {
    while (!over.aborted) {
      await listenToChanges(access, over, (experiment) => {
        isLive = true
        if (experiment === null || experiment === key) wake.abort()
      })
      if (isLive) wake.abort()
      isLive = false
      await pause(pace.listenAgainMs, over)
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
