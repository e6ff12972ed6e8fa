import type { Experiment } from '../experiment.ts'
import { child } from '../path.ts'
import { type LintFinding, round } from './finding.ts'
import { isHeavyTailed } from './heavy-tail.ts'

/** More segments than this share the units too thinly for most services. */
const MANY_SEGMENTS = 20
/** Words in the name of a unit type of which a person has many. */
const FINER_THAN_A_PERSON =
  /(?:^|[-_. ])(?:session|visit|impression|request|page|pageview|view|hit|query|search|event|click|play|slate|call)s?(?:[-_. ]|$)/

export function* lintMetrics(experiment: Experiment): Generator<LintFinding> {
  for (const [name, metric] of Object.entries(experiment.metrics)) {
    const path = child('metrics', name)
    const { role, baseline } = metric
    if (role === 'primary' && baseline === undefined) {
      yield {
        code: 'no-baseline',
        path: `${path}.baseline`,
        detail: `Without the mean and variance of ${name} before the trial, nobody can say how many units it takes.`,
        remedy: 'Record them, with the units, the window and the source they were computed from.',
      }
    }
    if (isHeavyTailed(metric)) {
      const { mean, variance } = baseline!
      yield {
        code: 'heavy-tail',
        path: `${path}.cap`,
        detail: `The variance of ${name} before the trial, ${variance}, is ${round(variance / mean ** 2)} times its squared mean: a few units carry it, units are needed in that proportion, and until there are many the interval is not what it says.`,
        remedy: `Fix a cap in advance, e.g. at a high percentile of the baseline: the effect without it is told beside.`,
      }
    }
    if (metric.rareEvents && metric.type === 'count' && metric.maximumEvents !== 1) {
      yield {
        code: 'bursts-of-events',
        path: `${path}.maximumEvents`,
        detail: `One unit with many events of ${name} counts as many: rare events are taken for independent of one another, and a device that crashes again and again is called a treatment that does.`,
        remedy:
          "Let maximumEvents be 1, or write type: 'proportion', unless a unit's events have nothing in common.",
      }
    }
  }
  yield* lintRatios(experiment)
  yield* lintSecondaries(experiment)
}

function* lintRatios({ metrics, unitType, cluster }: Experiment): Generator<LintFinding> {
  const ratios = Object.keys(metrics).filter((name) => metrics[name]!.type === 'ratio')
  const words = unitType.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase()
  if (ratios.length === 0 || cluster !== undefined || !FINER_THAN_A_PERSON.test(words)) return
  yield {
    code: 'unclustered-ratio',
    path: 'cluster',
    detail: `A person has many units of type ${unitType}, and they are alike: taken for independent, they make the intervals of ${ratios.join(', ')} narrower than they are.`,
    remedy:
      'Randomize the person, whose ratio the delta method treats right; or name what the units have in common in cluster.',
  }
}

function* lintSecondaries({ metrics, variants, analysis }: Experiment): Generator<LintFinding> {
  const judged = new Set(Object.values(analysis.families ?? {}).flatMap((family) => family.metrics))
  const alone = Object.keys(metrics).filter(
    (name) => metrics[name]!.role === 'secondary' && !metrics[name]!.adoption && !judged.has(name),
  )
  if (alone.length < 2) return
  const treatments = variants.length - 1
  const sum = [alone.length, ...(treatments > 1 ? [treatments] : []), analysis.alpha]
  const chance = Math.min(1, alone.length * treatments * analysis.alpha)
  yield {
    code: 'unadjusted-secondaries',
    path: 'analysis.families',
    detail: `${alone.join(', ')} are each judged as if they were the only one: of trials without any effect up to ${sum.join(' × ')} = ${round(100 * chance)} % call something different.`,
    remedy:
      "Judge them together, e.g. { secondary: { metrics: […], method: 'holm' } }, or call them exploratory.",
  }
}

export function* lintSegments({ dimensions = {}, analysis, variants }: Experiment): Generator<LintFinding> {
  for (const [name, { maximumSegments, known }] of Object.entries(dimensions)) {
    if (known === 'after-exposure' || maximumSegments <= MANY_SEGMENTS) continue
    const level = analysis.alpha / maximumSegments / (variants.length - 1)
    yield {
      code: 'many-segments',
      path: `${child('dimensions', name)}.maximumSegments`,
      detail: `${maximumSegments} segments of ${name} share the error, so that each is told at ${round(level)} at the most, and has its share of the units.`,
      remedy: `Keep to ${MANY_SEGMENTS}, the largest; all others are told together.`,
    }
  }
}
