import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { homeRanking } from '../test/home-ranking.ts'
import { changed, problemsOf, refusalOf } from '../test/refusal.ts'
import { FINDING_CODES } from './audit.ts'
import { compareDefinitions } from './compare.ts'
import { parseDefinition } from './define.ts'
import { ExperimentError } from './error.ts'

describe('defining, given what is broken or hostile', () => {
  const reserved = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf']
  it.each(reserved)('FAULTS 4: %s is no name of a trial, a variant, a metric or a field', (name) => {
    const asKey = JSON.parse(JSON.stringify({ ...homeRanking, key: name }))
    const asVariant = changed((definition) => (definition.variants[1].name = name))
    const metrics = `{"${name}": ${JSON.stringify(homeRanking.metrics.latency)}}`
    const asMetric = { ...homeRanking, metrics: { ...homeRanking.metrics, ...JSON.parse(metrics) } }
    // Object spread copies an own __proto__ as an own property, as JSON.parse makes it.
    const asField = JSON.parse(`{"${name}": {"x": 1}, ${JSON.stringify(homeRanking).slice(1)}`)
    expect(problemsOf(asKey)).toEqual([expect.stringContaining('key: Is a name that every')])
    expect(problemsOf(asVariant)).toContainEqual(
      expect.stringContaining('variants[1].name: Is a name that every'),
    )
    expect(problemsOf(asMetric)).toContainEqual(
      expect.stringMatching(new RegExp(`metrics.${name}: Is a name`)),
    )
    expect(problemsOf(asField)).toContainEqual(expect.stringContaining(`${name}: Is`))
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })

  it('FAULTS 1: a definition that breaks off anywhere is refused, or told from the whole', () => {
    const whole = parseDefinition(homeRanking)
    let refused = 0
    for (const cut of cuts(homeRanking)) {
      try {
        expect(compareDefinitions(whole, parseDefinition(cut)).kind).not.toBe('same')
      } catch (error) {
        expect(error).toBeInstanceOf(ExperimentError)
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(60)
  })

  it('FAULTS 3: a bomb of aliases is refused after a bounded walk', () => {
    let bomb: object = { laugh: 'ha' }
    for (let level = 0; level < 60; level += 1) bomb = { a: bomb, b: bomb }
    const circle: { a?: unknown; b?: unknown } = {}
    Object.assign(circle, { a: circle, b: circle })
    for (const config of [bomb, circle]) {
      const problems = problemsOf(changed((definition) => (definition.variants[0].config = config)))
      expect(problems).toContainEqual(expect.stringContaining('passes 100000 values'))
      expect(problems.length).toBeLessThan(3)
    }
  })

  it('FAULTS 5: weights that are no positive whole numbers are refused with the arithmetic', () => {
    for (const weight of [-1, 0, 0.5, Number.NaN, '1', null]) {
      const error = refusalOf(changed((definition) => (definition.variants[1].weight = weight)))
      expect(error.problems).toContainEqual(
        expect.objectContaining({
          path: 'variants[1].weight',
          message: expect.stringContaining(`The weights: 1 + ${Number(weight ?? Number.NaN)} = `),
        }),
      )
    }
    const zero = refusalOf(changed((d) => d.variants.forEach((variant: any) => (variant.weight = 0))))
    expect(zero.problems).toHaveLength(2)
    const small = refusalOf(changed((definition) => (definition.variants[1].weight = 3_000_000)))
    expect(small.message).toContain('1 of 3000001 is 0.33333322222225925 of 1000000 buckets')
    const large = refusalOf(
      changed((d) => d.variants.forEach((variant: any) => (variant.weight = Number.MAX_SAFE_INTEGER))),
    )
    expect(large.message).toContain('9007199254740991 + 9007199254740991 = 18014398509481982 pass')
  })

  it('FAULTS 5: positive whole numbers of any sum are weights, and 100 variants are the most', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 2, maxLength: 100 })
    const withWeights = (list: readonly number[]) =>
      changed((definition) => {
        definition.control = 'v0'
        definition.variants = list.map((weight, index) => ({ name: `v${index}`, weight }))
      })
    fc.assert(
      fc.property(weights, (list) => {
        expect(parseDefinition(withWeights(list)).variants.map(({ weight }) => weight)).toEqual(list)
      }),
      { numRuns: 50 },
    )
    expect(problemsOf(withWeights(Array(101).fill(1)))).toContainEqual(
      'variants: Must be at most 100 items, not a list of 101.',
    )
  })

  it('FAULTS 9: a definition of a later major version is refused by name', () => {
    const error = refusalOf({ ...homeRanking, schemaVersion: 2, someLaterField: true })
    expect(error.code).toBe('unsupported-version')
    expect(error.message).toContain('schemaVersion 2')
  })

  it('FAULTS 9: a field that is not known is an error, and the nearest known one is named', () => {
    const error = refusalOf({ ...homeRanking, eligiblity: { attribute: 'a', present: true } })
    expect(error.problems).toEqual([
      expect.objectContaining({ path: 'eligiblity', remedy: 'Did you mean eligibility?' }),
    ])
  })

  it('FAULTS 9: of a check that is not known the nearest finding is named, or all of them', () => {
    const error = refusalOf({ ...homeRanking, checks: { 'sample-rato': 'abort', xyz: 'abort' } })
    expect(error.problems).toEqual([
      expect.objectContaining({ path: 'checks.sample-rato', remedy: 'Did you mean sample-ratio?' }),
      expect.objectContaining({ path: 'checks.xyz', remedy: `The fields are ${FINDING_CODES.join(', ')}.` }),
    ])
  })
})

/** What is left of a document, as YAML that was cut after any of its lines. */
function* cuts(value: unknown): Generator {
  if (typeof value !== 'object' || value === null) return
  const entries = Object.entries(value)
  const whole = (kept: [string, unknown][]) =>
    Array.isArray(value) ? kept.map(([, item]) => item) : Object.fromEntries(kept)
  for (const [index, [name, part]] of entries.entries()) {
    const before = entries.slice(0, index)
    yield whole(before)
    for (const cut of cuts(part)) yield whole([...before, [name, cut]])
  }
}
