import type { Client } from '@fairtrial/client'
import type { Experiment } from '@fairtrial/protocol'

/** What is wrong with the service, or around it. */
export interface ServiceFaults {
  /** It exposes this arm where it is assigned, and the others where the row is shown. */
  readonly exposesAtAssign?: string
  /** This outcome is never sent. */
  readonly forgets?: string
  /** A third of those in this arm never get as far as the row. */
  readonly loses?: string
}

/** A home page: assigns, shows the row to those who stay, and tracks what they watch. */
export function homeService(client: Client, experiment: Experiment, faults: ServiceFaults = {}) {
  const { exposesAtAssign, forgets, loses } = faults
  return {
    visit(viewer: number): void {
      const unit = { unitType: 'viewer', unitId: `viewer-${viewer}` }
      const arm = client.assign(experiment, unit)
      if (arm.variant === exposesAtAssign) client.expose(arm)
      const leaves = viewer % 20 === 0
      if (leaves || (arm.variant === loses && viewer % 3 === 0)) return
      if (arm.variant !== exposesAtAssign) client.expose(arm)
      for (const [name, value] of [
        ['start', 1],
        ['watched', viewer % 40],
      ] as const)
        if (name !== forgets) client.track({ ...unit, name, value })
    },
    close: () => client.close(),
  }
}
