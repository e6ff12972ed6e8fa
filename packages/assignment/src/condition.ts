import type { Condition } from '@fairtrial/protocol'
import { versionTest } from './semver.ts'

/**
 * A condition as a chain of questions: each asks about one attribute and names the next question by its
 * answer. Walking it needs no recursion, so that no depth of nesting can overflow the stack.
 */
export interface Question {
  attribute: string
  /** Null at the two ends of the chain. `undefined` stands for an absent attribute. */
  test: ((value: unknown) => boolean) | null
  whenTrue: Question
  whenFalse: Question
}

const ELIGIBLE = end()
const NOT_ELIGIBLE = end()

/** Whether the attributes meet the condition. An attribute that is absent or of another type does not; nothing throws. */
export function evaluateCondition(condition: Condition, attributes: unknown): boolean {
  return answer(chainOf(condition), attributes)
}

export function answer(chain: Question, attributes: unknown): boolean {
  let question = chain
  while (question.test !== null) {
    question = question.test(ownValue(attributes, question.attribute))
      ? question.whenTrue
      : question.whenFalse
  }
  return question === ELIGIBLE
}

export function chainOf(condition: Condition): Question {
  const first = end()
  const open = [{ condition, question: first, whenTrue: ELIGIBLE, whenFalse: NOT_ELIGIBLE }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { condition, question, whenTrue, whenFalse } = next
    if ('not' in condition) {
      open.push({ condition: condition.not, question, whenTrue: whenFalse, whenFalse: whenTrue })
    } else if ('all' in condition || 'any' in condition) {
      const every = 'all' in condition
      const parts = every ? condition.all : condition.any
      const questions = parts.map((_, i) => (i === 0 ? question : end()))
      // Of nothing, all is true and any is false.
      if (parts.length === 0) ask(question, '', () => every, whenTrue, whenFalse)
      for (const [i, part] of parts.entries()) {
        const following = questions[i + 1]
        open.push({
          condition: part,
          question: questions[i] as Question,
          whenTrue: every ? (following ?? whenTrue) : whenTrue,
          whenFalse: every ? whenFalse : (following ?? whenFalse),
        })
      }
    } else {
      ask(question, condition.attribute, testOf(condition), whenTrue, whenFalse)
    }
  }
  return first
}

function testOf(condition: Extract<Condition, { attribute: string }>): (value: unknown) => boolean {
  if ('equals' in condition) return (value) => value === condition.equals
  if ('in' in condition) {
    const allowed = new Set<unknown>(condition.in)
    return (value) => value !== undefined && allowed.has(value)
  }
  if ('range' in condition) {
    const { from = -Infinity, below = Infinity } = condition.range
    return (value) => typeof value === 'number' && value >= from && (value < below || below === Infinity)
  }
  if ('semver' in condition) {
    const holds = versionTest(condition.semver)
    return (value) => typeof value === 'string' && holds(value)
  }
  return (value) => (value !== undefined) === condition.present
}

/** Attributes are data: what an object inherits is not an attribute, whatever its name. */
function ownValue(attributes: unknown, name: string): unknown {
  if (typeof attributes !== 'object' || attributes === null) return undefined
  try {
    return Object.hasOwn(attributes, name) ? (attributes as { [name: string]: unknown })[name] : undefined
  } catch {
    // A getter or a proxy that throws has no value to give.
    return undefined
  }
}

function ask(
  question: Question,
  attribute: string,
  test: (value: unknown) => boolean,
  whenTrue: Question,
  whenFalse: Question,
): void {
  question.attribute = attribute
  question.test = test
  question.whenTrue = whenTrue
  question.whenFalse = whenFalse
}

function end(): Question {
  const question = { attribute: '', test: null } as unknown as Question
  question.whenTrue = question
  question.whenFalse = question
  return question
}
