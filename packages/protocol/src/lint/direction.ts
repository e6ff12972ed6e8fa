import type { Experiment } from '../experiment.ts'
import { child } from '../path.ts'
import type { LintFinding } from './finding.ts'

const BETTER_LESS =
  /^(?:errors?|crash(?:es|ed)?|latency|churn(?:ed)?|unsubscri\w+|bounced?|bounces|cancel\w*|failures?|failed|abandon\w*|refunds?|complaints?|stalls?|rebuffer\w*|timeouts?)$/
const BETTER_MORE =
  /^(?:starts?|started|complet\w+|finished|retained|retention|revenue|conversions?|converted|subscribed)$/
/** Words that turn the others round, or make a size of them. */
const TURNS =
  /^(?:free|no|non|not|never|without|un|avoided|prevented|recovered|saved|lost|until|time|to|before)$/

/** Where a metric's name says one thing and its direction another. A name that says both says nothing. */
export function* lintDirections({ metrics }: Experiment): Generator<LintFinding> {
  for (const [name, { direction }] of Object.entries(metrics)) {
    const meant = directionOf(name)
    if (meant === undefined || meant.direction === direction) continue
    const amount = meant.direction === 'decrease' ? 'less' : 'more'
    yield {
      code: 'odd-direction',
      path: `${child('metrics', name)}.direction`,
      detail: `The name of ${name} says ${meant.word}, of which ${amount} is better, and its direction is ${direction}: is this meant?`,
      remedy: `If not, let it be '${meant.direction}', or every verdict is the wrong way round; if it is, give the metric a name that says so.`,
    }
  }
}

function directionOf(
  name: string,
): { readonly direction: 'increase' | 'decrease'; readonly word: string } | undefined {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[-_. ]+/)
  if (words.some((word) => TURNS.test(word))) return undefined
  const [less] = words.filter((word) => BETTER_LESS.test(word))
  const [more] = words.filter((word) => BETTER_MORE.test(word))
  if (less !== undefined && more !== undefined) return undefined
  if (less !== undefined) return { direction: 'decrease', word: less }
  return more === undefined ? undefined : { direction: 'increase', word: more }
}
