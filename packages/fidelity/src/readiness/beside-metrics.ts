import type { Experiment } from '@fairtrial/protocol'
import type { DryRunReport } from './dry-run.ts'
import { evennessOf } from './evenness.ts'
import { covariatesOf } from './metric-events.ts'
import type { Obstacle } from './seen.ts'

/** What the plan reads of a log beside its metrics: `covariate:EVENT`, `dimension:NAME`, `input:NAME`. */
export function namesBesideMetrics(experiment: Experiment): readonly string[] {
  const { dimensions = {}, inputs = {} } = experiment
  const names = [
    ...covariatesOf(experiment).map(({ event }) => `covariate:${event}`),
    ...Object.keys(dimensions).map((name) => `dimension:${name}`),
    ...Object.keys(inputs).map((name) => `input:${name}`),
  ]
  return [...new Set(names)]
}

/** What of it does not come, in some arm, or not in each alike; with the name by which that may be allowed. */
export function besideMetrics(
  { analysis, dimensions = {} }: Experiment,
  { covariates, context, audit }: DryRunReport,
): readonly (Obstacle & { readonly name: string })[] {
  const all = [
    ...covariates.map(({ event, before, arms }) => ({
      name: `covariate:${event}`,
      said: `Covariate ${event}`,
      what: `${event} in the ${before} before their first exposure`,
      see: `Let units have ${event} before they are exposed`,
      arms,
    })),
    ...context.map(({ what, name, arms }) => {
      const feature = what === 'input' ? name : (dimensions[name]?.column ?? name)
      return {
        name: `${what}:${name}`,
        said: `${what === 'input' ? 'Input' : 'Dimension'} ${name}`,
        what: `${feature} in the context of their first exposure`,
        see: `See that the service gives ${feature} in the context of expose, in every arm`,
        arms,
      }
    }),
  ]
  return all.flatMap(({ name, said, what, see, arms }) => {
    const allow = `${see}; or allow it: --allow-unmeasured ${name}.`
    const shares = Object.entries(arms).map(([variant, has]) => ({
      variant,
      has,
      of: Math.max(has, audit.sampleRatio?.observed[variant] ?? 0),
    }))
    const without = shares.filter(({ has }) => has === 0).map(({ variant }) => variant)
    if (without.length > 0)
      return [{ name, detail: `${said}: no unit in ${without.join(', ')} has ${what}.`, remedy: allow }]
    const { uneven, tooFew } = evennessOf(shares, { what, noun: 'unit', alpha: analysis.sampleRatio.alpha })
    if (uneven !== null) return [{ name, detail: `${said}: ${uneven}`, remedy: allow }]
    return tooFew === null
      ? []
      : [{ name, detail: `${said}: ${tooFew.detail}`, remedy: `${tooFew.remedy} ${allow}` }]
  })
}
