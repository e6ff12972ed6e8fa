import type { Experiment } from '../experiment.ts'
import type { EffectSize, SealedMetric } from '../metric.ts'
import { child } from '../path.ts'
import { type LintFinding, round } from './finding.ts'

/** A proportion lies between 0 and 1, and so does what it is hoped or feared to become. */
export function* lintReach({ hypothesis, metrics, guardrails }: Experiment): Generator<LintFinding> {
  const sizes: { path: string; name: string; size: EffectSize | undefined; isBetter: boolean }[] = [
    { path: 'hypothesis.minimumLift', name: hypothesis.metric, size: hypothesis.minimumLift, isBetter: true },
    ...guardrails.map(({ metric, margin }, index) => ({
      path: `guardrails[${index}].margin`,
      name: metric,
      size: margin,
      isBetter: false,
    })),
    ...Object.keys(metrics).map((name) => ({
      path: `${child('metrics', name)}.practicalThreshold`,
      name,
      size: metrics[name]!.practicalThreshold,
      isBetter: true,
    })),
  ]
  for (const { path, name, size, isBetter } of sizes) {
    const arithmetic = size && beyond(metrics[name]!, size, isBetter)
    if (arithmetic === undefined) continue
    yield {
      code: 'unreachable',
      path,
      detail: `${name} cannot move so far: ${arithmetic}, and a proportion lies between 0 and 1.`,
      remedy: 'Write { relative: 0.02 } for 2 % of control, { absolute: 0.02 } for 2 points.',
    }
  }
}

function beyond(
  { type, direction, baseline }: SealedMetric,
  size: EffectSize,
  isBetter: boolean,
): string | undefined {
  if (type !== 'proportion') return undefined
  const isUp = (direction === 'increase') === isBetter
  // Without a baseline, from where there is most room.
  const from = baseline?.mean ?? (isUp ? 0 : 1)
  const step = 'absolute' in size ? size.absolute : from * size.relative
  const to = isUp ? from + step : from - step
  if (to >= -1e-12 && to <= 1 + 1e-12) return undefined
  const sign = isUp ? '+' : '−'
  return 'absolute' in size
    ? `${from} ${sign} ${size.absolute} = ${round(to)}`
    : `${from} × (1 ${sign} ${size.relative}) = ${round(to)}`
}
