import type { ContractReport, Experiment } from '@fairtrial/protocol'
import { ExperimentError, type Problem } from '@fairtrial/protocol/error'
import { SDK } from '../sdk.ts'
import type { VerifiedInstrumentation } from './verify-instrumentation.ts'

/**
 * What a service's test writes to a file when its instrumentation is verified, as JSON: the contract test that
 * `fairtrial ready` asks for before a trial begins.
 *
 * @param verified what `verifyClient` or `verifyInstrumentation` has answered, run once in each arm
 * @param madeAt epoch milliseconds
 * @throws ExperimentError `invalid-argument` where an arm was not run or exposed nobody, or units were exposed under
 * another definition; all of it is in `problems` too
 */
export function contractReport(
  experiment: Pick<Experiment, 'key' | 'fingerprint' | 'variants'>,
  verified: VerifiedInstrumentation,
  madeAt: number,
): ContractReport {
  const problems = [
    ...experiment.variants.flatMap(({ name }) => problemsOfArm(experiment.key, name, verified)),
    ...problemsOfDefinition(experiment, verified),
  ]
  const { key, fingerprint } = experiment
  if (problems.length > 0) {
    const lines = problems.map(({ path, message, remedy }) => `\n  ${path}: ${message} ${remedy}`)
    throw new ExperimentError(
      'invalid-argument',
      `What was verified is no contract test of ${key}.${lines.join('')}\n`,
      'Verify the service in each arm of this definition, then make the report.',
      { problems },
    )
  }
  return {
    schema: 'fairtrial.contract/1',
    experiment: key,
    fingerprint,
    madeAt,
    sdk: SDK,
    runs: verified.runs.map(({ arm, exposures, outcomes }) => ({ arm, exposures, outcomes })),
  }
}

function problemsOfArm(key: string, arm: string, { runs }: VerifiedInstrumentation): Problem[] {
  const run = runs.find((one) => one.arm === arm)
  const path = `arm ${arm}`
  if (run === undefined) {
    const remedy = 'Name every variant of the experiment in `arms`; `verifyClient` does.'
    return [{ path, value: undefined, message: 'was not run.', remedy }]
  }
  // No key holds a colon.
  if (run.exposedAt.some((point) => point.split(':')[0] === key)) return []
  const remedy = `Let units meet their arms in the test: ${key} is to be assigned and exposed.`
  return [{ path, value: run.exposures, message: `exposed nobody to ${key}.`, remedy }]
}

function problemsOfDefinition(
  { key, fingerprint }: Pick<Experiment, 'key' | 'fingerprint'>,
  { definitions }: VerifiedInstrumentation,
): Problem[] {
  return definitions
    .filter((exposed) => exposed.experiment === key && exposed.fingerprint !== fingerprint)
    .map((exposed) => ({
      path: 'fingerprint',
      value: exposed.fingerprint,
      message: `units were exposed under ${exposed.fingerprint.slice(0, 12)}, and the definition is ${fingerprint.slice(0, 12)}.`,
      remedy: 'Give the definition that the service was run with, or run it with this one.',
    }))
}
