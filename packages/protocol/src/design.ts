import type { Experiment } from './experiment.ts'

type Unfingerprinted = Omit<Experiment, 'fingerprint'>

/**
 * What the data of a trial depend on, and the fingerprint therefore covers. The rest may change while the
 * trial runs without making data of before and after incomparable: words for people, costs, events outside,
 * the ramp (how many units, never in which ratio), how long missing evidence may hold, how many units a day there are,
 * and what a simulation of the plan has printed.
 */
export function designOf(experiment: Unfingerprinted): object {
  const {
    fingerprint: _f,
    description: _d,
    costs: _c,
    externalEvents: _e,
    ramp: _r,
    ...design
  } = experiment as Unfingerprinted & { fingerprint?: string }
  const { expectedUnitsPerDay: _u, bayesian, ...analysis } = design.analysis
  const { simulatedErrorRate: _s, ...rule } = bayesian ?? {}
  return {
    ...design,
    analysis: bayesian === undefined ? analysis : { ...analysis, bayesian: rule },
    metrics: Object.fromEntries(
      Object.entries(design.metrics).map(([name, { description: _, ...metric }]) => [name, metric]),
    ),
    guardrails: design.guardrails.map(
      ({ evidence: { maximumHold: _, extension: _e, ...evidence }, ...guardrail }) => ({
        ...guardrail,
        evidence,
      }),
    ),
  }
}
