import { ruleByLooks } from './looks/rule-by-looks.ts'
import { ruleByPosterior } from './posterior.ts'
import { type OpenComparison, type PrimaryPlan, type Ruling, ruleByConfidenceSequence } from './ruling.ts'

/** Decides a primary metric's comparison by the plan's method. */
export function rulePrimary(comparison: OpenComparison, plan: PrimaryPlan): Ruling {
  const { method, bayesian } = plan.analysis
  switch (method) {
    case 'asymptotic-cs':
      return ruleByConfidenceSequence(comparison)
    case 'bayesian':
      return ruleByPosterior(comparison, bayesian!)
    case 'group-sequential':
    case 'hybrid':
    case 'fixed-horizon':
      return ruleByLooks(comparison, plan)
  }
}
