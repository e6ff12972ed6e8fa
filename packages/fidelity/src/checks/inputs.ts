import type { SealedInputWatch } from '@fairtrial/protocol'
import type { Audit } from '../audit.ts'
import { sum } from '../disparity.ts'
import type { Found } from '../found.ts'
import { MISSING } from '../input-bins.ts'
import { type InputTrace, type InputWindow, inputWindows } from '../input-trace.ts'
import { sayCount } from '../words.ts'
import { driftFinding } from './input-drift.ts'
import { imbalanceFinding } from './input-imbalance.ts'

/** A watched input over the stretches of time that it is looked at. */
export interface WatchedInput extends Pick<InputTrace, 'feature' | 'bins'> {
  readonly watch: SealedInputWatch
  readonly windows: readonly InputWindow[]
  /** The part of the error of a check that one input has. */
  readonly errorShare: number
}

/** Units from which it is no accident that none carries an input. */
const CARRIED_UNITS = 100

/**
 * What the plan's inputs were when units met the trial: alike in every arm, for arms are drawn, and as in the reference.
 * An input that is only to warn never breaks an audit.
 */
export function inputFindings({ experiment, inputs }: Audit, asOf: number): Found[] {
  return inputs.flatMap(({ feature, bins, hours }, _, { length }) => {
    const watch = experiment.inputs?.[feature]
    if (watch === undefined || hours.size === 0) return []
    const windows = inputWindows({ feature, bins, hours }, experiment, asOf)
    const input = { feature, bins, watch, windows, errorShare: 1 / length }
    const absent = absentFinding(input)
    return absent.length > 0 ? absent : [...imbalanceFinding(experiment, input), ...driftFinding(input)]
  })
}

function absentFinding({ feature, watch, windows: [whole] }: WatchedInput): Found[] {
  const byBin = whole?.counts.map(sum) ?? []
  const units = sum(byBin)
  if (units < CARRIED_UNITS || (byBin[MISSING] ?? 0) < units) return []
  return [
    {
      code: 'input-drift',
      severity: watch.action === 'warn' ? 'caution' : 'broken',
      detail: `None of ${sayCount(units, 'exposed unit')} carries the input ${feature}, which is watched.`,
      remedy: `Name ${feature} in the recorder's allow-list of context and give it when units are exposed, or do not watch it.`,
      evidence: { feature, action: watch.action, units, share: 1 },
    },
  ]
}
