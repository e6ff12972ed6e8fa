import type { AnalysisMethod } from '../stopping.ts'
import type { MetricParts, Report } from './report.ts'

/** What looks at more of a unit than whether, or how often, it had an event. */
const BEYOND_COUNTING = {
  proportion: ['covariates', 'byDay'],
  count: ['covariates', 'byDay', 'cap', 'ranks'],
} as const

/** Rare events are compared by how many there are alone, and by their ratio alone. */
export function checkRareEvents(
  path: string,
  metric: MetricParts,
  method: AnalysisMethod | undefined,
  report: Report,
): void {
  const { rareEvents, type, role, adoption, practicalThreshold } = metric
  // Of other types, and of adoption, it is refused where it stands.
  if (!rareEvents || adoption || (type !== 'proportion' && type !== 'count')) return
  for (const field of BEYOND_COUNTING[type]) {
    if (!metric[field]) continue
    report(
      `${path}.${field}`,
      metric[field],
      'Rare events are compared by how many there are in each arm, and by nothing else.',
      `Leave ${field} out, or rareEvents.`,
    )
  }
  if (practicalThreshold !== undefined && 'absolute' in practicalThreshold) {
    report(
      `${path}.practicalThreshold`,
      practicalThreshold,
      'Rare events bound the ratio of two rates, and no difference.',
      'Give a relative threshold, e.g. { relative: 0.2 }.',
    )
  }
  if (role === 'primary' && method !== undefined && method !== 'asymptotic-cs') {
    report(
      `${path}.rareEvents`,
      rareEvents,
      `The method ${method} decides a primary metric by its means, not by rare events.`,
      'Take the method asymptotic-cs, under which they decide at every look; or leave rareEvents out.',
    )
  }
}
