import type { ExposureEvent } from '@fairtrial/protocol'
import { createPhaseTrace, traceExposure } from './phase-trace.ts'
import type { PhaseTrace } from './phase-trace.ts'

/** A phase that is over, under this definition or another, as the transition that opened it tells it. */
export interface EarlierPhase {
  readonly phase: number
  readonly fingerprint: string
  /** By variant; what its units are held against. */
  readonly weights: { readonly [variant: string]: number }
}

/** The units of a phase under another definition: all that is left to read of it. */
export interface EarlierTrace {
  readonly fingerprint: string
  readonly weights: readonly number[]
  readonly armIndex: ReadonlyMap<string, number>
  readonly trace: PhaseTrace
}

export function createEarlierTrace({ fingerprint, weights }: EarlierPhase): EarlierTrace {
  const names = Object.keys(weights)
  return {
    fingerprint,
    weights: Object.values(weights),
    armIndex: new Map(names.map((name, arm) => [name, arm])),
    trace: createPhaseTrace(names.length),
  }
}

/** Notes an exposure of an earlier phase. Its definition is not at hand, so that nothing is replayed. */
export function traceEarlier(earlier: EarlierTrace | undefined, event: ExposureEvent): void {
  if (earlier?.fingerprint !== event.fingerprint) return
  traceExposure(earlier.trace, event, {
    arm: earlier.armIndex.get(event.variant),
    loaded: null,
    isNew: true,
  })
}
