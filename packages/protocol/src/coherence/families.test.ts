import { describe, expect, it } from 'vitest'
import { changed, problemsOf } from '../../test/refusal.ts'
import { parseDefinition } from '../define.ts'

const withFamilies = (families: object) =>
  changed((definition) => {
    const { 'watch-time': secondary } = definition.metrics
    definition.metrics.likes = { ...secondary, type: 'count' }
    definition.metrics.voted = { ...secondary, type: 'proportion', adoption: true }
    definition.analysis.families = families
  })

const path = 'analysis.families.f'

describe('families', () => {
  it.each<[string, object, string[]]>([
    [
      'a stranger',
      { metrics: ['watch-tim'], method: 'holm' },
      [`${path}.metrics[0]: "watch-tim" is not a metric.`],
    ],
    [
      'a primary',
      { metrics: ['start-rate'], method: 'holm' },
      [`${path}.metrics[0]: "start-rate" has the role primary, whose error the plan's own alpha bounds.`],
    ],
    [
      'a guardrail',
      { metrics: ['latency'], method: 'holm' },
      [
        `${path}.metrics[0]: "latency" has the role guardrail: it is judged against its margin, and shares falseAbortAlpha.`,
      ],
    ],
    [
      'adoption',
      { metrics: ['voted'], method: 'holm' },
      [`${path}.metrics[0]: "voted" is an adoption metric, which is never compared.`],
    ],
    [
      'a metric twice',
      { metrics: ['likes', 'likes'], method: 'holm' },
      [`${path}.metrics[1]: "likes" is in the family f already.`],
    ],
    [
      'weights where all are alike',
      { metrics: ['likes'], method: 'hochberg', weights: { likes: 2 } },
      [`${path}.weights: The method hochberg treats its metrics alike.`],
    ],
    [
      'a weight of a stranger',
      { metrics: ['likes'], method: 'bonferroni', weights: { 'watch-time': 2 } },
      [`${path}.weights.watch-time: "watch-time" is not in this family.`],
    ],
  ])('refuse %s', (_, family, problems) => {
    expect(problemsOf(withFamilies({ f: family }))).toEqual(problems)
  })

  it('have each metric in one of them', () => {
    const family = { metrics: ['likes'], method: 'benjamini-hochberg' }
    expect(problemsOf(withFamilies({ a: family, b: family }))).toEqual([
      'analysis.families.b.metrics[0]: "likes" is in the family a already.',
    ])
    const members = { metrics: ['likes', 'watch-time'], method: 'holm', weights: { likes: 2 } }
    expect(parseDefinition(withFamilies({ members })).analysis.families).toEqual({ members })
  })
})
