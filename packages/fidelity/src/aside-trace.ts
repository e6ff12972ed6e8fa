import { excludedBy, setAsideAs } from '@fairtrial/protocol'
import type { Experiment, ExposureEvent, SetAside } from '@fairtrial/protocol'
import { addTo, zerosFor } from './by-arm.ts'

/** What of the audited definition and phase enters no analysis. */
export interface AsideTrace {
  /** Exposures whose arm was forced, by arm. */
  readonly overridden: number[]
  /** Units that a rule has set aside, each with the arm and the rule of the first exposure that was read. */
  readonly excluded: Map<string, { readonly arm: number; readonly rule: string }>
  /** Units that were exposed without the plan's trigger, by arm. */
  readonly untriggered: Map<string, number>
  /** Units of which an exposure would count, were it not dated at a time that cannot be, by arm. */
  readonly mistimed: Map<string, number>
  mistimedOutcomes: number
}

export function createAsideTrace(experiment: Experiment): AsideTrace {
  return {
    overridden: zerosFor(experiment),
    excluded: new Map(),
    untriggered: new Map(),
    mistimed: new Map(),
    mistimedOutcomes: 0,
  }
}

export function traceAside(
  trace: AsideTrace,
  event: ExposureEvent,
  { as, arm, experiment }: { readonly as: SetAside; readonly arm: number; readonly experiment: Experiment },
): void {
  const { unitId } = event
  if (as === 'overridden') addTo(trace.overridden, arm, 1)
  else if (trace[as].has(unitId) || (as === 'mistimed' && !wouldCount(experiment, event))) return
  else if (as === 'excluded') {
    trace.excluded.set(unitId, { arm, rule: excludedBy(experiment.exclusions, event) ?? '' })
  } else trace[as].set(unitId, arm)
}

/** Whether an exposure would enter the analysis at a time that can be. */
function wouldCount(experiment: Experiment, { receivedAt: _, ...event }: ExposureEvent): boolean {
  return setAsideAs(experiment, { ...event, exposedAt: 0 }) === null
}
