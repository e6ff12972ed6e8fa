import { describe, expect, it } from 'vitest'
import { homeRanking } from '../../test/home-ranking.ts'
import { problemsOf, refusalOf } from '../../test/refusal.ts'
import { parseDefinition } from '../define.ts'

const withPlan = (analysis: object) => ({ ...homeRanking, analysis })
const gs = { method: 'group-sequential', maximumUnits: 40_000 }
const rule = {
  prior: { scale: 'relative', mean: 0, standardDeviation: 0.05 },
  stopWhen: { chanceToBeat: 0.95 },
}

describe('how a plan stops', () => {
  it.each<[string, object, string]>([
    [
      'a schedule of a confidence sequence',
      { method: 'asymptotic-cs', tuneAt: 9, looks: 5 },
      'analysis.looks: The method asymptotic-cs is valid at every look, and keeps no schedule.',
    ],
    [
      'more than one look at a fixed horizon',
      { method: 'fixed-horizon', maximumUnits: 9, looks: 2 },
      'analysis.looks: The method fixed-horizon has one look, at maximumUnits.',
    ],
    [
      'spending of a posterior',
      { method: 'bayesian', tuneAt: 9, bayesian: rule, spending: { type: 'lan-demets-pocock' } },
      'analysis.spending: The method bayesian stops by its rule on the posterior, at any look.',
    ],
    [
      'futility without an end',
      { method: 'asymptotic-cs', tuneAt: 9, futility: {} },
      'analysis.futility: The method asymptotic-cs is valid at every look, and keeps no schedule.',
    ],
    [
      'looks that stand still',
      { ...gs, looks: [0.5, 0.5, 1] },
      'analysis.looks[1]: The fraction 0.5 is not at least 0.00001 more than 0.5, the one before.',
    ],
    [
      'looks that stop short',
      { ...gs, looks: [0.5, 0.9] },
      'analysis.looks[1]: The last look is at 0.9, so that the alpha kept for the end is never spent.',
    ],
    [
      'looks within one unit',
      { method: 'hybrid', maximumUnits: 20, looks: 50 },
      'analysis.looks: The closest two are 0.02 × 20 = 0.4 units apart.',
    ],
    [
      'a listed look before the first unit',
      { ...gs, maximumUnits: 50, looks: [0.01, 1] },
      'analysis.looks: The closest two are 0.01 × 50 = 0.5 units apart.',
    ],
    [
      'futility that gives up at once',
      { ...gs, futility: { beta: 0.96 } },
      'analysis.futility.beta: The power 1 − 0.96 = 0.04 is not more than alpha, 0.05.',
    ],
    [
      'a posterior without a rule',
      { method: 'bayesian', tuneAt: 9 },
      'analysis.bayesian: The method bayesian has no prior and no rule.',
    ],
    [
      'a rule without a posterior',
      { ...gs, bayesian: rule },
      'analysis.bayesian: The method group-sequential reads no posterior.',
    ],
    [
      'no end where one is planned',
      { method: 'hybrid', tuneAt: 9 },
      'analysis.maximumUnits: The method hybrid has a planned end.',
    ],
    [
      'no tuning where no end is planned',
      { method: 'asymptotic-cs' },
      'analysis.tuneAt: Nothing says at how many units the intervals are to be tightest.',
    ],
    [
      'a classical shape as a rule of spending',
      { ...gs, spending: { type: 'pocock' } },
      'analysis.spending.type: "pocock" has none of the forms that are known here.',
    ],
    [
      'half a rule of spending',
      { ...gs, spending: { type: 'kim-demets' } },
      'analysis.spending.power: Is missing.',
    ],
  ])('refuses %s', (_, analysis, problem) => {
    expect(problemsOf(withPlan(analysis))).toEqual([problem])
  })

  it('does not call missing what is wrong', () => {
    expect(problemsOf(withPlan({ method: 'hybrid', maximumUnits: 0 }))).toHaveLength(1)
    expect(problemsOf(withPlan({ method: 'bayesian', tuneAt: 9, bayesian: [] }))).toHaveLength(1)
    expect(problemsOf(withPlan({ ...gs, looks: [0.5, 2] }))).toHaveLength(1)
  })

  it('tells every rule of spending that there is', () => {
    const [problem] = refusalOf(withPlan({ ...gs, spending: { type: 'pocock' } })).problems
    for (const name of [
      'hwang-shih-decani',
      'kim-demets',
      'lan-demets-obrien-fleming',
      'lan-demets-pocock',
    ]) {
      expect(problem!.remedy).toContain(name)
    }
  })

  it('writes the schedule out, and accepts what it has written', () => {
    for (const analysis of [
      gs,
      {
        ...gs,
        method: 'hybrid',
        looks: [0.3, 0.62, 1],
        futility: {},
        spending: { type: 'kim-demets', power: 2 },
      },
      { ...gs, looks: 50, tuneAt: 5_000 },
      { method: 'fixed-horizon', maximumUnits: 400 },
      { method: 'bayesian', tuneAt: 9, bayesian: rule },
    ]) {
      const { fingerprint, ...sealed } = parseDefinition(withPlan(analysis))
      expect(parseDefinition(sealed).fingerprint).toBe(fingerprint)
    }
    expect(parseDefinition(withPlan(gs)).analysis).toMatchObject({
      looks: [0.2, 0.4, 0.6, 0.8, 1],
      spending: { type: 'hwang-shih-decani', gamma: -4 },
      tuneAt: 40_000,
    })
  })
})
