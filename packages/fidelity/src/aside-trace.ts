import { excludedBy } from '@fairtrial/protocol'
import type { Experiment, ExposureEvent, SetAside } from '@fairtrial/protocol'
import { addTo, zerosFor } from './by-arm.ts'

/** Exposures of the audited definition and phase that enter no analysis. */
export interface AsideTrace {
  /** Exposures whose arm was forced, by arm. */
  readonly overridden: number[]
  /** Units that a rule has set aside, each with the arm and the rule of the first exposure that was read. */
  readonly excluded: Map<string, { readonly arm: number; readonly rule: string }>
  /** Units that were exposed without the plan's trigger, by arm. */
  readonly untriggered: Map<string, number>
}

export function createAsideTrace(experiment: Experiment): AsideTrace {
  return { overridden: zerosFor(experiment), excluded: new Map(), untriggered: new Map() }
}

/** Mistimed events are counted for their producer. */
export function traceAside(
  trace: AsideTrace,
  event: ExposureEvent,
  { as, arm, experiment }: { readonly as: SetAside; readonly arm: number; readonly experiment: Experiment },
): void {
  const { unitId } = event
  if (as === 'overridden') addTo(trace.overridden, arm, 1)
  else if (as === 'untriggered') {
    if (!trace.untriggered.has(unitId)) trace.untriggered.set(unitId, arm)
  } else if (as === 'excluded' && !trace.excluded.has(unitId)) {
    trace.excluded.set(unitId, { arm, rule: excludedBy(experiment.exclusions, event) ?? '' })
  }
}
