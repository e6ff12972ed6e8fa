import { designOf } from './design.ts'
import type { Experiment, ExperimentDefinition } from './experiment.ts'
import { fingerprint } from './fingerprint.ts'
import type { Guardrail, SealedGuardrail } from './guardrail.ts'
import type { MetricDefinition, SealedMetric } from './metric.ts'

/** Writes out every default, takes the fingerprint, and freezes. The definition has been checked before. */
export function seal(definition: ExperimentDefinition): Experiment {
  const { $schema: _, metrics, guardrails = [], analysis, ...rest } = definition
  const sealed = {
    ...rest,
    schemaVersion: 1,
    salt: definition.salt ?? definition.key,
    metrics: Object.fromEntries(
      Object.entries(metrics).map(([name, metric]) => [name, sealMetric(name, metric)]),
    ),
    guardrails: guardrails.map(sealGuardrail),
    analysis: {
      alpha: 0.05,
      falseAbortAlpha: 0.05,
      crossover: 'exclude',
      maximumLateness: '1m',
      ...analysis,
      sampleRatio: { alpha: 0.001, concentration: 10_000, ...analysis.sampleRatio },
    },
    whenStateLapses: definition.whenStateLapses ?? 'serve-control',
  } as const
  return freeze({ ...sealed, fingerprint: fingerprint(designOf(sealed)) })
}

function sealMetric(name: string, metric: MetricDefinition): SealedMetric {
  const folds: Pick<MetricDefinition, 'aggregate'> = metric.type === 'mean' ? { aggregate: 'sum' } : {}
  const hasNoZero = metric.aggregate !== undefined && metric.aggregate !== 'sum'
  return {
    ...folds,
    event: name,
    column: name,
    whenMissing: hasNoZero ? 'exclude' : 'zero',
    version: 1,
    ...metric,
  }
}

function sealGuardrail({ hardLimit, ...guardrail }: Guardrail): SealedGuardrail {
  return {
    ...guardrail,
    evidence: {
      minimumUnits: 100,
      maximumDataAge: '10m',
      maximumLoss: 0.01,
      maximumHold: '24h',
      ...guardrail.evidence,
    },
    ...(hardLimit && { hardLimit: { minimumUnits: 10, ...hardLimit } }),
  }
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(freeze)
    Object.freeze(value)
  }
  return value
}
