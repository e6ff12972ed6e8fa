import type { Client } from '../client-doors.ts'

/** The arm that every unit is to have, by the key of the experiment. */
export interface ForcedVariants {
  readonly [experiment: string]: string
}

/**
 * The same client, but for the arms of these experiments: every unit gets the one that is named, with the reason
 * `overridden`. Where the client serves no treatment at all (aborted, a lapsed lease), neither does this one.
 */
export function forceArms(client: Client, variants: ForcedVariants): Client {
  return {
    ...client,
    assign: (experiment, unit, options) =>
      client.assign(experiment, unit, { ...options, variant: options?.variant ?? variants[experiment.key] }),
    preview: (experiment, unit, options) =>
      client.preview(experiment, unit, { ...options, variant: options?.variant ?? variants[experiment.key] }),
  }
}
