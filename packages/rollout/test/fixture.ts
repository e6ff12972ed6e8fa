import type {
  AuditReport,
  Comparison,
  Direction,
  Evaluation,
  Experiment,
  Finding,
  GuardrailAction,
  GuardrailEvaluation,
  MetricRole,
  MetricType,
  ReadinessCheckName,
  ReadinessReport,
  SealedMetric,
} from '@fairtrial/protocol'
import { READINESS_CHECKS } from '@fairtrial/protocol'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

/** Two guardrails, three stages, control and one treatment. */
export function makeExperiment(change: Partial<Experiment> = {}): Experiment {
  return {
    schemaVersion: 1,
    key: 'ranking',
    salt: 'ranking',
    fingerprint: 'a'.repeat(64),
    unitType: 'viewer',
    hypothesis: {
      change: 'a session model ranks the home row',
      population: 'signed-in viewers',
      metric: 'watched',
      direction: 'increase',
      minimumLift: { relative: 0.02 },
      horizon: '14d',
    },
    variants: [
      { name: 'control', weight: 1 },
      { name: 'model', weight: 1 },
    ],
    control: 'control',
    metrics: {
      watched: makeMetric('watched', 'mean', 'primary', 'increase'),
      started: makeMetric('started', 'proportion', 'guardrail', 'increase'),
      latency: makeMetric('latency', 'mean', 'guardrail', 'decrease'),
    },
    guardrails: [makeGuardrail('started', 'abort'), makeGuardrail('latency', 'hold')],
    analysis: {
      method: 'asymptotic-cs',
      alpha: 0.05,
      tuneAt: 10_000,
      falseAbortAlpha: 0.05,
      crossover: 'exclude',
      maximumLateness: '0s',
      sampleRatio: { alpha: 0.001, concentration: 10_000 },
    },
    ramp: {
      stages: [
        { trafficPercent: 1, holdFor: '1h', minimumUnits: 100 },
        { trafficPercent: 10, holdFor: '4h', minimumUnits: 1_000 },
        { trafficPercent: 100, holdFor: '24h', minimumUnits: 5_000 },
      ],
    },
    whenStateLapses: 'serve-control',
    ...change,
  }
}

export function makeMetric(
  name: string,
  type: MetricType,
  role: MetricRole,
  direction: Direction,
): SealedMetric {
  const window = role === 'guardrail' ? '1m' : '30m'
  return {
    type,
    role,
    direction,
    window,
    event: name,
    column: name,
    whenMissing: 'zero',
    version: 1,
    ...(type === 'mean' && { aggregate: 'sum' }),
  }
}

export function makeGuardrail(metric: string, action: GuardrailAction): Experiment['guardrails'][number] {
  return {
    metric,
    margin: { relative: 0.02 },
    action,
    evidence: { minimumUnits: 100, maximumDataAge: '10m', maximumLoss: 0.01, maximumHold: '24h' },
    hardLimit: { worst: 0.5, minimumUnits: 10 },
  }
}

type Verdicts = { readonly [metric: string]: Comparison['verdict'] }

/** An evaluation in which every arm has `units` and each metric the verdict given. */
export function makeEvaluation(
  experiment: Experiment,
  asOf: number,
  units: number,
  verdicts: Verdicts = { watched: 'better', started: 'ok', latency: 'ok' },
): Evaluation {
  const treatments = experiment.variants.map(({ name }) => name).filter((name) => name !== experiment.control)
  const metrics = Object.entries(verdicts).map(([metric, verdict]) => {
    const comparisons = treatments.map(
      (variant) => [variant, makeComparison(experiment, metric, verdict)] as const,
    )
    const { role, direction } = experiment.metrics[metric]!
    return [metric, { role, direction, variants: {}, comparisons: Object.fromEntries(comparisons) }] as const
  })
  return {
    schema: 'fairtrial.evaluation/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    phase: 1,
    asOf,
    method: 'asymptotic-cs',
    units: Object.fromEntries(experiment.variants.map(({ name }) => [name, units])),
    metrics: Object.fromEntries(metrics),
    looks: {
      schema: 'fairtrial.look-ledger/1',
      experiment: experiment.key,
      fingerprint: experiment.fingerprint,
      phase: 1,
      attempt: { share: 1, total: 1 },
      looks: [],
      glances: 0,
    },
  }
}

export function makeComparison(
  experiment: Experiment,
  metric: string,
  verdict: Comparison['verdict'],
  hardLimit?: GuardrailEvaluation['hardLimit'],
): Comparison {
  const guardrail = experiment.guardrails.find((declared) => declared.metric === metric)
  const interval = { level: 0.95, absolute: [0.01, 0.05], relative: [0.02, 0.1] } as const
  return {
    effect: { absolute: 0.03, relative: 0.06 },
    standardError: 0.01,
    relativeStandardError: 0.02,
    interval,
    method: 'confidence-sequence',
    assumptions: [],
    anytimePValue: 0.01,
    fixed: {
      method: 'welch',
      statistic: 3,
      degreesOfFreedom: 1_000,
      pValue: 0.003,
      interval,
      fieller: interval.relative,
    },
    detectable: 0.03,
    ruledOut: 'Ruled out: effects below 0.01 and above 0.05 (95 % interval).',
    verdict,
    ...(guardrail !== undefined && {
      guardrail: {
        verdict: verdict === 'breach' || verdict === 'ok' ? verdict : 'unknown',
        margin: guardrail.margin,
        action: guardrail.action,
        detail: `${metric} is ${verdict}.`,
        ...(hardLimit !== undefined && { hardLimit }),
      },
    }),
  }
}

export function makeAudit(
  experiment: Experiment,
  asOf: number,
  findings: readonly Finding[] = [],
): AuditReport {
  const worst = ['broken', 'caution'].find((severity) =>
    findings.some((finding) => finding.severity === severity),
  )
  return {
    schema: 'fairtrial.audit/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    asOf,
    verdict: worst === undefined ? 'trusted' : worst === 'broken' ? 'broken' : 'caution',
    findings,
    sampleRatio: null,
    counts: {
      exposures: 0,
      uniqueExposures: 0,
      outcomes: 0,
      replayed: 0,
      replayMismatches: 0,
      producers: 0,
      missingEvents: 0,
    },
  }
}

export function makeFinding(code: Finding['code'], severity: Finding['severity']): Finding {
  return {
    code,
    severity,
    detail: `${code} was found.`,
    size: null,
    biasesEffect: 'possible',
    remedy: 'Mend it.',
    evidence: {},
  }
}

/** A report of a definition that may begin, but for the checks that have failed. */
export function makeReadiness(
  { key, fingerprint }: Pick<Experiment, 'key' | 'fingerprint'>,
  madeAt: number,
  failed: readonly ReadinessCheckName[] = [],
): ReadinessReport {
  return {
    schema: 'fairtrial.readiness/1',
    experiment: key,
    fingerprint,
    madeAt,
    ready: failed.length === 0,
    checks: READINESS_CHECKS.map((check) => {
      const passed = !failed.includes(check)
      return {
        check,
        passed,
        detail: `${check} was looked at.`,
        remedy: passed ? '' : `Mend the ${check}.`,
        evidence: {},
      }
    }),
  }
}
