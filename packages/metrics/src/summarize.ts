import type { Experiment, LogEvent, TrialSummary } from '@fairtrial/protocol'
import { createFold, foldEvents, summaryOf } from './fold.ts'

/**
 * A whole log folded in one call: {@link createFold}, {@link foldEvents}, {@link summaryOf}.
 *
 * @param options.asOf epoch milliseconds up to which windows have closed
 */
export function summarize(
  experiment: Experiment,
  events: Iterable<LogEvent>,
  { asOf, phase }: { readonly asOf: number; readonly phase: number },
): TrialSummary {
  const fold = createFold(experiment, { phase })
  foldEvents(fold, events)
  return summaryOf(fold, asOf)
}
