import { availableParallelism } from 'node:os'
import { durationMs, type Experiment, ExperimentError } from '@fairtrial/protocol'
import { answer, type Console } from '../console.ts'
import { readDefinition } from '../definition-file.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { createProgress } from '../progress.ts'
import { readPopulation, withBaselines } from '../simulation/population.ts'
import { runTrials } from '../simulation/run-trials.ts'
import { type GivenEffect, scenariosOf } from '../simulation/scenario.ts'
import { simulatedPlan, type TrafficOptions } from '../simulation/simulated-plan.ts'
import { withoutMeasurements } from '../simulation/without-measurements.ts'
import { type ScenarioResult, tallyTrials } from '../simulation/tally-trials.ts'
import { simulationText } from '../text/simulation-text.ts'

/** How a plan is simulated. */
export interface SimulateOptions {
  readonly trials: number
  readonly seed: number
  /** Default: the plan's `expectedUnitsPerDay`. */
  readonly unitsPerDay?: number
  /** In milliseconds. Default: a hundredth of the horizon. */
  readonly lookEvery?: number
  readonly shape: TrafficOptions['shape']
  /** A unit table whose control arm is drawn from, instead of shapes with the metrics' baselines. */
  readonly table?: string
  readonly variant?: string
  readonly unit?: string
  readonly effect: readonly GivenEffect[]
  /** Default: one a core. */
  readonly workers?: number
  readonly json?: boolean
}

/** What `fairtrial simulate` answers. */
export interface Simulation {
  readonly schema: 'fairtrial.simulation/1'
  readonly experiment: string
  readonly fingerprint: string
  readonly method: Experiment['analysis']['method']
  readonly seed: number
  readonly traffic: TrafficOptions
  /** Real units that trials were drawn from; null where they were made up. */
  readonly population: number | null
  readonly scenarios: readonly ScenarioResult[]
}

/** `fairtrial simulate`: the plan, run through production code in made-up worlds of known truth. */
export async function simulate(console: Console, file: string, options: SimulateOptions): Promise<ExitCode> {
  const definition = withoutMeasurements(await readDefinition(file))
  const traffic = trafficOf(definition, options)
  const { table, variant: variantColumn, unit: unitColumn } = options
  const population =
    table === undefined || variantColumn === undefined
      ? undefined
      : await readPopulation(definition, table, { variantColumn, unitColumn })
  const experiment = population === undefined ? definition : withBaselines(definition, population)
  const { trials, seed, workers = availableParallelism() } = options
  const scenarios = scenariosOf(experiment, options.effect)
  const plans = scenarios.map((scenario) => ({
    scenario,
    plan: simulatedPlan(experiment, scenario, traffic, population),
  }))
  const progress = createProgress(console.stderr, trials * scenarios.length, 'trials')
  const results: ScenarioResult[] = []
  try {
    for (const { scenario, plan } of plans) {
      const ends = await runTrials(plan, { trials, seed, workers, onTrials: progress.advance })
      results.push(tallyTrials(scenario, plan, ends))
    }
  } finally {
    progress.end()
  }
  const document: Simulation = {
    schema: 'fairtrial.simulation/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    method: experiment.analysis.method,
    seed,
    traffic,
    population: population?.units ?? null,
    scenarios: results,
  }
  answer(console, options, document, () => simulationText(experiment, document))
  return exitCodes.ok
}

/** In one trial: every minute of ten weeks. */
const MOST_LOOKS = 100_000

function trafficOf(
  { key, analysis, hypothesis }: Experiment,
  { unitsPerDay = analysis.expectedUnitsPerDay, lookEvery, shape }: SimulateOptions,
): TrafficOptions {
  if (unitsPerDay === undefined) {
    throw new ExperimentError(
      'invalid-argument',
      `Nothing says how many units ${key} meets in a day.`,
      'Give --units-per-day, or write analysis.expectedUnitsPerDay into the definition.',
    )
  }
  // More in a day than a double counts one by one.
  if (unitsPerDay > Number.MAX_SAFE_INTEGER) {
    throw new ExperimentError(
      'invalid-argument',
      `${unitsPerDay} units a day cannot be counted one by one.`,
      'Give the units that the trial meets, e.g. --units-per-day 20000.',
    )
  }
  const horizonMs = durationMs(hypothesis.horizon)
  const lookEveryMs = lookEvery ?? horizonMs / 100
  if (horizonMs / lookEveryMs > MOST_LOOKS) {
    throw new ExperimentError(
      'invalid-argument',
      `A look every ${lookEveryMs} ms is ${Math.round(horizonMs / lookEveryMs)} looks up to the horizon of ${hypothesis.horizon}, in every trial.`,
      `Look less often: at most ${MOST_LOOKS} times.`,
    )
  }
  return { unitsPerDay, lookEveryMs, shape }
}
