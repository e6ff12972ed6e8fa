import type { Condition } from '@fairtrial/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluateCondition } from './condition.ts'

const meets = (condition: Condition, attributes?: unknown) =>
  evaluateCondition(condition, attributes as never)

it('reads equality, lists, ranges and presence', () => {
  expect(meets({ attribute: 'plan', equals: 'paid' }, { plan: 'paid' })).toBe(true)
  expect(meets({ attribute: 'plan', equals: null }, { plan: null })).toBe(true)
  expect(meets({ attribute: 'country', in: ['DE', 'FR'] }, { country: 'FR' })).toBe(true)
  expect(meets({ attribute: 'country', in: ['DE', 'FR'] }, { country: 'IT' })).toBe(false)
  const adult: Condition = { attribute: 'age', range: { from: 18, below: 65 } }
  expect([17, 18, 64.9, 65].map((age) => meets(adult, { age }))).toEqual([false, true, true, false])
  expect(meets({ attribute: 'age', range: { from: 18 } }, { age: Infinity })).toBe(true)
  expect(meets({ attribute: 'age', present: true }, { age: 0 })).toBe(true)
  expect(meets({ attribute: 'age', present: true }, { age: undefined })).toBe(false)
  expect(meets({ attribute: 'age', present: false }, {})).toBe(true)
})

it('joins by all, any and not as logic does', () => {
  const a: Condition = { attribute: 'a', equals: true }
  const b: Condition = { attribute: 'b', equals: true }
  fc.assert(
    fc.property(fc.boolean(), fc.boolean(), (x, y) => {
      const attributes = { a: x, b: y }
      expect(meets({ all: [a, b] }, attributes)).toBe(x && y)
      expect(meets({ any: [a, b] }, attributes)).toBe(x || y)
      expect(meets({ not: { all: [a, { not: b }] } }, attributes)).toBe(!(x && !y))
      expect(meets({ any: [{ all: [a, b] }, { not: { any: [a, b] } }] }, attributes)).toBe(x === y)
    }),
    { seed: 1 },
  )
  expect(meets({ all: [] })).toBe(true)
  expect(meets({ any: [] })).toBe(false)
})

it('agrees with a recursive reading of any tree', () => {
  const { tree } = fc.letrec<{ tree: Condition }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.record({ attribute: fc.constantFrom('a', 'b', 'c'), equals: fc.boolean() }),
      fc.record({ all: fc.array(tie('tree'), { maxLength: 3 }) }),
      fc.record({ any: fc.array(tie('tree'), { maxLength: 3 }) }),
      fc.record({ not: tie('tree') }),
    ),
  }))
  type Attributes = { [name: string]: boolean }
  const recursive = (condition: Condition, attributes: Attributes): boolean => {
    if ('all' in condition) return condition.all.every((part) => recursive(part, attributes))
    if ('any' in condition) return condition.any.some((part) => recursive(part, attributes))
    if ('not' in condition) return !recursive(condition.not, attributes)
    return 'equals' in condition && attributes[condition.attribute] === condition.equals
  }
  const attributes = fc.record({ a: fc.boolean(), b: fc.boolean() }, { requiredKeys: [] })
  fc.assert(
    fc.property(tree, attributes, (tree, attributes) => {
      expect(meets(tree, attributes)).toBe(recursive(tree, attributes as Attributes))
    }),
    { seed: 1, numRuns: 500 },
  )
})

describe('FAULTS 18: an attribute that is missing or of another type', () => {
  const conditions: Condition[] = [
    { attribute: 'a', equals: 1 },
    { attribute: 'a', in: [1, 'x', true] },
    { attribute: 'a', range: { from: 0, below: 2 } },
    { attribute: 'a', semver: '>=1.0.0' },
  ]
  it.each([
    [undefined],
    [null],
    [7],
    ['text'],
    [{}],
    [{ a: undefined }],
    [{ a: null }],
    [{ a: '1' }],
    [{ a: {} }],
  ])('meets nothing, and nothing throws: %o', (attributes) => {
    for (const condition of conditions) expect(meets(condition, attributes)).toBe(false)
  })
  it('is NaN, a boxed number, an array of one', () => {
    for (const a of [Number.NaN, Object(1), [1], 1n]) {
      for (const condition of conditions) expect(meets(condition, { a })).toBe(false)
    }
  })
})

it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
  'takes %s as an attribute only where it is one of its own',
  (attribute) => {
    expect(meets({ attribute, present: true }, {})).toBe(false)
    expect(meets({ attribute, equals: 'x' }, JSON.parse(`{"${attribute}":"x"}`))).toBe(true)
    expect(meets({ attribute, equals: 'x' }, Object.assign(Object.create(null), { other: 1 }))).toBe(false)
    expect(meets({ attribute: 'inherited', present: true }, Object.create({ inherited: 1 }))).toBe(false)
  },
)

it('does not overflow on a condition a hundred thousand deep', () => {
  let all: Condition = { attribute: 'a', equals: 1 }
  let not: Condition = all
  for (let i = 0; i < 100_000; i++) {
    all = i % 2 ? { all: [all] } : { any: [all] }
    not = { not }
  }
  expect(meets(all, { a: 1 })).toBe(true)
  expect(meets(not, { a: 1 })).toBe(true)
})
