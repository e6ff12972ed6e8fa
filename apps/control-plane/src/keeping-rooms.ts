import type { Experiment } from '@fairtrial/protocol'
import { openDecisions } from './decisions/decisions.ts'
import { openHistory } from './history/history.ts'
import type { KeepingRoom } from './notice.ts'
import { openTrail, type Trail } from './trail/trail.ts'

export interface KeepingOptions {
  readonly experiments: readonly Experiment[]
  /** The data directory. */
  readonly directory: string
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly log: (line: string) => void
}

/** What the control plane keeps and tells of what happens in it. */
export interface KeepingRooms {
  /** In the order in which they are told. */
  readonly rooms: readonly KeepingRoom[]
  readonly trail: Trail
}

/** Opens the rooms. Rejects, and leaves none open, where one cannot be opened. */
export async function openKeepingRooms(options: KeepingOptions): Promise<KeepingRooms> {
  const { now } = options
  const trail = await openTrail(options)
  try {
    const history = await openHistory(options)
    return { rooms: [trail, history, openDecisions(trail, now)], trail }
  } catch (error) {
    await trail.close()
    throw error
  }
}
