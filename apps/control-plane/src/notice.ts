import type { Experiment, RolloutState, TransitionEvent } from '@fairtrial/protocol'
import type { RollbackProof } from '@fairtrial/rollout'
import type { TickResult } from '@fairtrial/rollout/controller'
import type { Role } from './access/caller.ts'
import type { Metric } from './metrics/metric.ts'
import type { Route } from './route.ts'

/** What happens inside, told in order to whoever keeps it. Times are epoch milliseconds. */
export type PlaneNotice =
  /** A definition was taken up, at the start; `edits` are the paths that differ from the one that was started. */
  | {
      readonly kind: 'definition'
      readonly at: number
      readonly experiment: Experiment
      readonly state: RolloutState
      readonly edits: readonly string[]
    }
  /** A turn of the loop, also one that failed. */
  | {
      readonly kind: 'tick'
      readonly at: number
      readonly experiment: Experiment
      readonly result: TickResult
    }
  /** A change of state that was made here. */
  | {
      readonly kind: 'transition'
      readonly at: number
      readonly experiment: string
      readonly role: Role | 'controller'
      readonly transition: TransitionEvent
    }
  | {
      readonly kind: 'order-refused'
      readonly at: number
      readonly experiment: string | null
      readonly action: string
      readonly by: string | null
      readonly role: Role | null
      readonly status: number
      readonly code: string
      readonly detail: string
    }
  /** A rollback is proved, or a treatment is still served after it. */
  | {
      readonly kind: 'proof'
      readonly at: number
      readonly experiment: string
      readonly proof: RollbackProof
    }

/** Whoever is told. Synchronous: it queues what takes time, for nothing here waits. */
export type Tell = (notice: PlaneNotice) => void

/** A part of the control plane that keeps, tells or shows what happens. */
export interface KeepingRoom {
  readonly take: Tell
  readonly routes: readonly Route[]
  metrics?(): readonly Metric[]
  close(): Promise<void>
}
