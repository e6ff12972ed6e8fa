import { describe, expect, it } from 'vitest'
import { changed, problemsOf } from '../../test/refusal.ts'
import { parseDefinition } from '../define.ts'

describe('inputs', () => {
  const watching = (input: object) => changed((definition) => (definition.inputs = { tenure: input }))

  it('are sealed with their defaults', () => {
    const sound = { type: 'number', edges: [10, 20], reference: [0.5, 0.25, 0.25] }
    expect(parseDefinition(watching(sound)).inputs).toEqual({
      tenure: { ...sound, maximumPsi: 0.2, action: 'hold' },
    })
    const text = { type: 'text', reference: { de: 0.9, fr: 0.1 } }
    expect(parseDefinition(watching(text)).inputs).toMatchObject({ tenure: text })
  })

  it.each([
    [{ type: 'number' }, 'inputs.tenure.edges: A number is counted by bins.'],
    [{ type: 'text', edges: [1] }, 'inputs.tenure.edges: A text has no bins.'],
    [{ type: 'number', edges: [2, 2] }, 'inputs.tenure.edges[1]: Edges rise.'],
    [
      { type: 'number', edges: [2], reference: { a: 1 } },
      'inputs.tenure.reference: These are not the shares of a number.',
    ],
    [{ type: 'text', reference: [1] }, 'inputs.tenure.reference: These are not the shares of a text.'],
    [
      { type: 'number', edges: [2], reference: [1] },
      'inputs.tenure.reference: 1 edges make 2 bins, and there are 1 shares.',
    ],
    [
      { type: 'text', reference: { a: 0.4, b: 0.5 } },
      'inputs.tenure.reference: The shares add up to 0.9, not to 1.',
    ],
  ])('refuse %j', (input, problem) => {
    expect(problemsOf(watching(input))).toEqual([problem])
  })
})

describe('checks', () => {
  const checking = (checks: object) => changed((definition) => (definition.checks = checks))

  it('may pass over what is broken, and never over what is not there', () => {
    const sound = { 'sample-ratio': 'abort', crossover: 'warn' }
    expect(parseDefinition(checking(sound)).checks).toEqual(sound)
    expect(problemsOf(checking({ 'no-data': 'warn', 'stale-data': 'hold', 'no-traffic': 'warn' }))).toEqual([
      'checks.no-data: That nothing was measured is no reason to go on.',
      'checks.no-traffic: That nothing was measured is no reason to go on.',
    ])
  })
})

describe('the class of a guardrail', () => {
  const guarded = (guardrail: object) =>
    changed((definition) => {
      const [first] = definition.guardrails
      const { action: _, hardLimit: _h, ...rest } = first
      definition.guardrails[0] = { ...rest, ...guardrail }
    })

  it.each([
    ['critical', 'abort'],
    ['guardrail', 'abort'],
    ['signal', 'hold'],
    ['watch', 'alert'],
  ])('%s: a breach does %s', (is, action) => {
    const given = { class: is, ...(is === 'critical' && { hardLimit: { worst: 0.5 } }) }
    expect(parseDefinition(guarded(given)).guardrails[0]).toMatchObject({ class: is, action })
  })

  it.each([
    [{}, 'guardrails[0].class: Nothing says what a breach does.'],
    [
      { class: 'watch', action: 'abort' },
      `guardrails[0].action: A guardrail of class "watch" has the action "alert".`,
    ],
    [
      { class: 'critical' },
      'guardrails[0].hardLimit: A critical guardrail aborts on raw counts, and has no limit.',
    ],
    [
      { class: 'critical', hardLimit: { worst: 0.5, confirm: { breaches: 4, of: 3 } } },
      'guardrails[0].hardLimit.confirm.breaches: Of 3 readings, 4 cannot be beyond.',
    ],
    [
      { class: 'critical', hardLimit: { worst: 0.5, within: '0m' } },
      'guardrails[0].hardLimit.within: "0m" is no time of a minute to a day.',
    ],
    [
      { class: 'critical', hardLimit: { worst: 0.5, within: '25h' } },
      'guardrails[0].hardLimit.within: "25h" is no time of a minute to a day.',
    ],
  ])('%j is refused', (guardrail, problem) => {
    expect(problemsOf(guarded(guardrail))).toEqual([problem])
  })
})
