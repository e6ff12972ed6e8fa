import type { Experiment } from '@fairtrial/protocol'
import type { GuardrailReading } from './guardrail-reading.ts'

/** What a log is made of. */
export type LoggedKind = 'exposures' | 'outcomes' | 'measurements'

/** What is known not to have come into a log yet. */
export interface Incomplete {
  /** A sentence: what is behind, and how far. */
  readonly detail: string
  /** Of what it may lack some; the rest is all there. */
  readonly lacks: readonly LoggedKind[]
}

/**
 * Readings of half a log, as far as they are believed: harm is what cannot be an artefact of what has not come yet, and all
 * else is unknown. Outcomes that are behind their exposures look like harm, and like the lack of it.
 *
 * - What needs nothing that is behind is believed as ever.
 * - So is a hard limit on outcomes that should be few, where a unit without any counts as zero: what is still to come draws
 *   the mean of all exposed units up, not down. Where exposures are behind, the units of the last minutes are not those
 *   that a limit on the last minutes is meant for; one on all of the phase holds.
 */
export function believedOf(
  experiment: Experiment,
  { lacks }: Incomplete,
  readings: readonly GuardrailReading[],
): readonly GuardrailReading[] {
  return readings.map((reading) => {
    const metric = experiment.metrics[reading.metric]
    const limit = experiment.guardrails.find((guardrail) => guardrail.metric === reading.metric)?.hardLimit
    if (metric === undefined) return unknown(reading)
    const isMeasured = metric.source === 'measurements'
    const needs: readonly LoggedKind[] = isMeasured ? ['measurements'] : ['exposures', 'outcomes']
    if (!needs.some((kind) => lacks.includes(kind))) return reading
    const onlyGrows =
      !isMeasured &&
      metric.direction === 'decrease' &&
      metric.whenMissing === 'zero' &&
      metric.type !== 'ratio' &&
      limit !== undefined &&
      limit.worst >= 0 &&
      (limit.within === undefined || !lacks.includes('exposures'))
    const { hardLimitBreached, hardLimitDetail } = reading
    return { ...unknown(reading), ...(onlyGrows && { hardLimitBreached, hardLimitDetail }) }
  })
}

function unknown(reading: GuardrailReading): GuardrailReading {
  const { metric, variant } = reading
  return {
    ...reading,
    verdict: 'unknown',
    hardLimitBreached: false,
    hardLimitDetail: '',
    interval: null,
    detail: `Guardrail ${metric}, ${variant}: not judged by half a log.`,
  }
}
