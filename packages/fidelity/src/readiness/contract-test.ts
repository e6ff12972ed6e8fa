import type { ContractReport, Experiment } from '@fairtrial/protocol'
import { sayCount, sayDuration } from '../words.ts'
import { ageObstacles, fingerprintObstacles } from './of-this-definition.ts'
import { type Obstacle, type Seen, unseen } from './seen.ts'

const REMEDY =
  'Run the service in each arm under verifyClient, and give what contractReport makes of it (--contract FILE).'

/** Whether a test of the service has verified its instrumentation under this definition, in each arm, of late. */
export function checkContractTest(
  experiment: Experiment,
  contract: ContractReport | null,
  { now, maximumAge }: { readonly now: number; readonly maximumAge: number },
): Seen {
  if (contract === null) return unseen('There is no report of a contract test.', REMEDY)
  const { madeAt, sdk, runs } = contract
  const counts = (arm: string) => runs.filter((run) => run.arm === arm)
  const arms = experiment.variants.map(({ name }) => ({
    arm: name,
    exposures: counts(name).reduce((total, { exposures }) => total + exposures, 0),
    outcomes: counts(name).reduce((total, { outcomes }) => total + outcomes, 0),
  }))
  const tracked = arms.filter(({ arm }) => needsOutcomes(experiment, arm))
  const obstacles: Obstacle[] = [
    ...fingerprintObstacles('The contract test', experiment, contract, REMEDY),
    ...ageObstacles('The contract test', madeAt, { now, maximumAge, remedy: REMEDY }),
    ...arms
      .filter(({ exposures }) => exposures === 0)
      .map(({ arm }) => ({ detail: `It has no exposure in arm ${arm}.`, remedy: REMEDY })),
    ...tracked
      .filter(({ outcomes }) => outcomes === 0)
      .map(({ arm }) => ({
        detail: `It has no outcome in arm ${arm}, and the plan's metrics are made of outcomes.`,
        remedy: 'Let the test do what the metrics count, and track it.',
      })),
  ]
  const told = arms.map(
    ({ arm, exposures, outcomes }) =>
      `${arm} ${sayCount(exposures, 'exposure')}, ${sayCount(outcomes, 'outcome')}`,
  )
  return {
    obstacles,
    detail: `Verified ${sayDuration(Math.max(0, now - madeAt))} ago in each arm: ${told.join('; ')}.`,
    evidence: { madeAt, sdk, arms },
  }
}

/** What exists in treatments only is tracked in no control. */
function needsOutcomes({ metrics, control }: Experiment, arm: string): boolean {
  return Object.values(metrics).some(
    ({ source, adoption }) => source !== 'measurements' && !(adoption === true && arm === control),
  )
}
