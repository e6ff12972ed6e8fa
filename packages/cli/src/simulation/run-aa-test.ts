import { evaluate, type RandomStream } from '@fairtrial/sequential'
import { drawBinomial, drawMoments } from './draw-values.ts'
import { drawnSummary } from './drawn-summary.ts'
import { drawPlaces, momentsAt } from './resample.ts'
import type { SimulatedPlan } from './simulated-plan.ts'

/**
 * An A/A test: control against the first treatment, which does nothing, once, at the units that the plan ends with or is
 * tuned for. A trial's own end will not do: it comes when the numbers are extreme, and one look would err more there.
 *
 * @returns the metrics whose fixed test finds an effect at the plan's alpha
 */
export function runAATest(
  { experiment, metrics, population }: SimulatedPlan,
  random: RandomStream,
): readonly string[] {
  const { variants, control, analysis } = experiment
  const { maximumUnits: units = analysis.tuneAt, alpha } = analysis
  const base = variants.find(({ name }) => name === control)!
  const other = variants.find(({ name }) => name !== control)!
  const inControl = drawBinomial(units, base.weight / (base.weight + other.weight), random)
  const arms = variants.map(({ name }) => ({
    name,
    units: name === control ? inControl : name === other.name ? units - inControl : 0,
  }))
  const places = arms.map((arm) =>
    population === undefined ? [] : drawPlaces(arm.units, population, random),
  )
  const cells = metrics.map((metric) => ({
    metric,
    closed: arms.map((arm, i) =>
      metric.drawn
        ? momentsAt(places[i]!, metric.drawn.values, undefined, random)
        : drawMoments(arm.units, metric.control, random),
    ),
  }))
  const evaluation = evaluate(experiment, drawnSummary(experiment, 0, arms, cells), { look: 'glance' })
  return metrics.flatMap(({ name }) => {
    const { pValue } = evaluation.metrics[name]!.comparisons[other.name]!.fixed
    return typeof pValue === 'number' && pValue < alpha ? [name] : []
  })
}
