import { durationMs } from '../duration.ts'
import type { Experiment } from '../experiment.ts'
import type { LintFinding } from './finding.ts'

const LARGE_FIRST_STAGE_PERCENT = 20

export function* lintRamp({ ramp: { stages }, hypothesis: { horizon } }: Experiment): Generator<LintFinding> {
  const [first] = stages
  if (first!.trafficPercent > LARGE_FIRST_STAGE_PERCENT) {
    yield {
      code: 'large-first-stage',
      path: 'ramp.stages[0].trafficPercent',
      detail: `${first!.trafficPercent} % of units meet the change before anything is known of it.`,
      remedy: `Begin with at most ${LARGE_FIRST_STAGE_PERCENT} %.`,
    }
  }
  const total = stages.reduce((sum, { holdFor }) => sum + durationMs(holdFor), 0)
  if (total >= durationMs(horizon)) {
    yield {
      code: 'ramp-past-horizon',
      path: 'ramp.stages',
      detail: `The stages hold for ${total / durationMs('1d')} days together, and the trial ends after ${horizon}.`,
      remedy: 'Shorten the stages, or move hypothesis.horizon.',
    }
  }
}
