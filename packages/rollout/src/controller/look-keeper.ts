import { ExperimentError } from '@fairtrial/protocol'
import type { Evaluation, Experiment, LookLedger, TrialSummary } from '@fairtrial/protocol'
import { evaluate } from '@fairtrial/sequential'
import type { StateStore, WriteOptions } from './state-store.ts'

/** An evaluation, and why its looks could not be recorded, if they could not. */
interface RecordedEvaluation {
  readonly evaluation: Evaluation
  readonly error: Error | null
}

/** Evaluates a phase, look after look, with each look recorded before anybody can act on it. */
export interface LookKeeper {
  /** @param isFinal whether the trial ends here: what is left of alpha is spent then */
  evaluate(summary: TrialSummary, isFinal?: boolean): Promise<RecordedEvaluation>
  /** An evaluation without a look: guardrails are judged, and no primary decides. */
  describe(summary: TrialSummary): Evaluation
}

/** How often a look is taken anew when another controller has taken one meanwhile. */
const ATTEMPTS = 5

/**
 * A store that cannot be read or written costs the look, and not the protection: the evaluation is made without one, so
 * that guardrails act and no primary decides.
 *
 * @param rights by which right looks are recorded; null takes none and describes, from the looks of whoever leads
 */
export function createLookKeeper(
  experiment: Experiment,
  store: StateStore,
  phase: number,
  rights: () => WriteOptions | null,
): LookKeeper {
  let ledger: LookLedger | null = null
  let isRead = false

  async function look(summary: TrialSummary, kind: 'scheduled' | 'final'): Promise<Evaluation> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const right = rights()
      if (!isRead || right === null) {
        ledger = await store.looks(experiment.key, phase)
        // Those of whoever leads grow without us.
        isRead = right !== null
      }
      if (right === null) return glance(summary)
      const taken = ledger?.looks.length ?? 0
      const evaluation = evaluate(experiment, summary, { look: kind, ...(ledger !== null && { ledger }) })
      if (
        evaluation.looks.looks.length > taken &&
        !(await store.recordLooks(evaluation.looks, taken, right))
      ) {
        isRead = false
        continue
      }
      ledger = evaluation.looks
      return evaluation
    }
    throw new ExperimentError(
      'revision-conflict',
      `The looks at ${experiment.key} grew under ${ATTEMPTS} evaluations in a row.`,
      'Run one controller for an experiment.',
    )
  }

  /** Looks that make no sense leave the primaries open, and the guardrails judged. */
  function glance(summary: TrialSummary): Evaluation {
    if (ledger !== null) {
      try {
        return evaluate(experiment, summary, { look: 'glance', ledger })
      } catch {
        // What is wrong with them is told as the reason why no look was taken.
      }
    }
    return evaluate(experiment, summary, { look: 'glance' })
  }

  return {
    describe: glance,
    async evaluate(summary, isFinal = false) {
      try {
        return { evaluation: await look(summary, isFinal ? 'final' : 'scheduled'), error: null }
      } catch (cause) {
        const error = cause instanceof Error ? cause : new Error(String(cause))
        return { evaluation: glance(summary), error }
      }
    },
  }
}
