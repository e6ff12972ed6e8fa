import { durationMs, ExperimentError } from '@fairtrial/protocol'
import type { ContractReport, Experiment, ReadinessReport } from '@fairtrial/protocol'
import { namesBesideMetrics } from './beside-metrics.ts'
import { checkContractTest } from './contract-test.ts'
import { checkDryRun } from './dry-run-log.ts'
import type { DryRunReport } from './dry-run.ts'
import { checkMetricFreshness } from './metric-freshness.ts'
import { checkRatio } from './ratio-of-dry-run.ts'
import { checkReproducible, type LockOutcome } from './reproducible-analysis.ts'
import { checkOf } from './seen.ts'

/** What was looked at before the start. What is null was not, and has not passed. */
export interface ReadinessEvidence {
  readonly contract: ContractReport | null
  readonly dryRun: DryRunReport | null
  readonly lock: LockOutcome | null
}

/** How a definition is judged. */
export interface ReadinessOptions {
  /** Epoch milliseconds. */
  readonly now: number
  /** How old contract test and dry run may be, in milliseconds; never older than the plan's gate allows. Default 7 days. */
  readonly maximumAge?: number
  /**
   * Units in each arm of the dry run. Default 50: a fault that hits 6 of 100 units or more is met by one of 50 with a
   * chance of 95 %.
   */
  readonly minimumUnits?: number
  /** Metrics of rare events of which the dry run may have seen few, or none. Default none. */
  readonly unseenMetrics?: readonly string[]
  /** Metrics that one arm of the dry run may have had less often than another. Default none. */
  readonly unevenMetrics?: readonly string[]
  /** What need not have been measured: `lateness`, `covariate:EVENT`, `dimension:NAME`, `input:NAME`. Default none. */
  readonly unmeasured?: readonly string[]
}

/**
 * May this trial begin? Five checks, each of which has passed only where it was made and found nothing: the contract test
 * of the service, a dry run that replays, each metric's events, the sample ratio, and an analysis that can be made again.
 *
 * @throws ExperimentError `invalid-argument` where a metric that is not one of rare events is to go unseen, or something
 *   that the plan does not have is to go unmeasured or uneven
 */
export function readinessReport(
  experiment: Experiment,
  { contract, dryRun, lock }: ReadinessEvidence,
  options: ReadinessOptions,
): ReadinessReport {
  const { now, minimumUnits = 50, unseenMetrics = [], unevenMetrics = [], unmeasured = [] } = options
  const allowances = { unseenMetrics, unevenMetrics, unmeasured }
  refuseUnseen(experiment, unseenMetrics)
  refuseUnknown('may be uneven', unevenMetrics, Object.keys(experiment.metrics))
  refuseUnknown('may go unmeasured', unmeasured, ['lateness', ...namesBesideMetrics(experiment)])
  const asked = options.maximumAge ?? durationMs('7d')
  const ofPlan = experiment.ramp.start?.maximumAge
  const maximumAge = ofPlan === undefined ? asked : Math.min(asked, durationMs(ofPlan))
  const checks = [
    checkOf('contract-test', checkContractTest(experiment, contract, { now, maximumAge })),
    checkOf('dry-run', checkDryRun(experiment, dryRun, { now, maximumAge, minimumUnits })),
    checkOf('metric-freshness', checkMetricFreshness(experiment, dryRun, allowances)),
    checkOf('sample-ratio', checkRatio(experiment, dryRun)),
    checkOf('reproducible-analysis', checkReproducible(experiment, lock, dryRun)),
  ]
  const dates = [contract?.madeAt, dryRun?.endedAt].filter((at) => at !== undefined && at !== null)
  return {
    schema: 'fairtrial.readiness/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    madeAt: now,
    ...(dates.length > 0 && { oldestEvidenceAt: Math.min(...dates) }),
    ready: checks.every(({ passed }) => passed),
    checks,
  }
}

function refuseUnseen({ metrics }: Experiment, unseenMetrics: readonly string[]): void {
  const wrong = unseenMetrics.find((name) => metrics[name]?.rareEvents !== true)
  if (wrong === undefined) return
  const rare = Object.keys(metrics).filter((name) => metrics[name]?.rareEvents === true)
  throw new ExperimentError(
    'invalid-argument',
    `${wrong} may not go unseen: the plan does not declare it as rare (rareEvents).`,
    rare.length === 0
      ? 'The plan has no metric of rare events.'
      : `Those of rare events are ${rare.join(', ')}.`,
  )
}

function refuseUnknown(what: string, names: readonly string[], known: readonly string[]): void {
  const wrong = names.find((name) => !known.includes(name))
  if (wrong === undefined) return
  throw new ExperimentError(
    'invalid-argument',
    `The plan has no ${JSON.stringify(wrong)} that ${what}.`,
    `It has ${known.join(', ')}.`,
  )
}
