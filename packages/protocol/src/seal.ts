import type { AnalysisPlan, SealedAnalysisPlan } from './analysis.ts'
import { designOf } from './design.ts'
import type { Dimension, SealedDimension } from './dimension.ts'
import type { Experiment, ExperimentDefinition } from './experiment.ts'
import { fingerprint } from './fingerprint.ts'
import { ACTION_OF_CLASS, type Guardrail, type SealedGuardrail } from './guardrail.ts'
import type { MetricDefinition, SealedMetric } from './metric.ts'

/** Writes out every default, takes the fingerprint, and freezes. The definition has been checked before. */
export function seal(definition: ExperimentDefinition): Experiment {
  const { $schema: _, metrics, guardrails = [], analysis, dimensions, inputs, ...rest } = definition
  const sealed = {
    ...rest,
    schemaVersion: 1,
    salt: definition.salt ?? definition.key,
    metrics: mapValues(metrics, (metric, name) => sealMetric(name, metric)),
    guardrails: guardrails.map(sealGuardrail),
    analysis: sealAnalysis(analysis),
    ...(dimensions && { dimensions: mapValues(dimensions, sealDimension) }),
    ...(inputs && {
      inputs: mapValues(inputs, (input) => ({ maximumPsi: 0.2, action: 'hold', ...input }) as const),
    }),
    whenStateLapses: definition.whenStateLapses ?? 'serve-control',
  } as const
  return freeze({ ...sealed, fingerprint: fingerprint(designOf(sealed)) })
}

function sealAnalysis({ looks, futility, ...analysis }: AnalysisPlan): SealedAnalysisPlan {
  const decidesAtLooks = analysis.method === 'group-sequential' || analysis.method === 'hybrid'
  return {
    alpha: 0.05,
    falseAbortAlpha: 0.05,
    crossover: 'exclude',
    maximumLateness: '1m',
    ...(decidesAtLooks && { looks: fractionsOf(looks ?? 5), spending: HARDLY_EARLY }),
    ...analysis,
    tuneAt: analysis.tuneAt ?? analysis.maximumUnits!,
    ...(futility && {
      futility: { beta: 0.2, spending: { type: 'hwang-shih-decani', gamma: -2 }, ...futility },
    }),
    sampleRatio: { alpha: 0.001, concentration: 10_000, ...analysis.sampleRatio },
  }
}

const HARDLY_EARLY = { type: 'hwang-shih-decani', gamma: -4 } as const

function fractionsOf(looks: number | readonly number[]): readonly number[] {
  if (typeof looks !== 'number') return looks
  return Array.from({ length: looks }, (_, look) => (look + 1) / looks)
}

function sealDimension(dimension: Dimension, name: string): SealedDimension {
  return { column: name, maximumSegments: 10, ...dimension }
}

function sealMetric(name: string, metric: MetricDefinition): SealedMetric {
  const { type, denominator, covariates, event = name } = metric
  if (metric.source === 'measurements') {
    return {
      window: '0s',
      column: name,
      whenMissing: 'exclude',
      version: 1,
      ...metric,
      event,
    } as SealedMetric
  }
  const folds: Pick<MetricDefinition, 'aggregate'> =
    type === 'mean' ? { aggregate: 'sum' } : type === 'quantile' ? { aggregate: 'mean' } : {}
  const aggregate = metric.aggregate ?? folds.aggregate ?? 'sum'
  return {
    ...folds,
    column: name,
    whenMissing: aggregate === 'sum' ? 'zero' : 'exclude',
    version: 1,
    ...metric,
    event,
    ...(denominator && { denominator: { column: denominator.event, ...denominator } }),
    ...(covariates && { covariates: covariates.map((covariate) => ({ event, ...covariate })) }),
  } as SealedMetric
}

function sealGuardrail({ hardLimit, ...guardrail }: Guardrail): SealedGuardrail {
  return {
    ...guardrail,
    // One of the two is there: whichever it is, the action is what is sealed.
    action: guardrail.action ?? ACTION_OF_CLASS[guardrail.class!],
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

function mapValues<T, R>(
  record: { readonly [name: string]: T },
  map: (value: T, name: string) => R,
): { readonly [name: string]: R } {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]))
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(freeze)
    Object.freeze(value)
  }
  return value
}
