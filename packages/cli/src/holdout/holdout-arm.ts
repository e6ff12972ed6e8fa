import { assign, loadExperiment } from '@fairtrial/assignment'
import type { Experiment } from '@fairtrial/protocol'
import { assumeState } from '../assumed-state.ts'

/** The arms of a holdout: `status-quo` keeps control for good, `all-shipped` gets what has shipped. */
export const HOLDOUT_ARMS = ['status-quo', 'all-shipped'] as const

/** One of them. */
export type HoldoutArm = (typeof HOLDOUT_ARMS)[number]

/** What a unit id comes to: an arm, `outside` the holdout, or nothing that a service would have assigned. */
export type HoldoutDraw = HoldoutArm | 'outside' | 'invalid'

/**
 * Draws units as production does, by `assign` itself. Both arms are held out of a trial that runs; once it has shipped,
 * `status-quo` alone still is.
 */
export function drawHoldout(experiment: Experiment): (unitId: string) => HoldoutDraw {
  const state = assumeState(experiment, { now: 0 })
  const { variants, control } = experiment
  const shippedVariant = variants.find(({ name }) => name !== control)?.name ?? control
  const running = loadExperiment(experiment, state)
  const shipped = loadExperiment(experiment, {
    ...state,
    status: 'shipped',
    shippedVariant,
    trafficPercent: 0,
  })
  return (unitId) => {
    const unit = { unitType: experiment.unitType, unitId }
    const { reason } = assign(running, unit)
    if (reason === 'no-unit-id' || reason === 'invalid-unit-id') return 'invalid'
    if (reason !== 'held-out') return 'outside'
    return assign(shipped, unit).reason === 'held-out' ? 'status-quo' : 'all-shipped'
  }
}
