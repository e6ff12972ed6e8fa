import { describe, expect, it } from 'vitest'
import { homeRanking } from '../test/home-ranking.ts'
import { parseDefinition } from './define.ts'
import { hypothesisSentence } from './hypothesis-sentence.ts'

describe('hypothesisSentence', () => {
  it('says what can be false, with every part', () => {
    expect(hypothesisSentence(homeRanking)).toBe(
      'Of signed-in viewers on television, with ranking the home row by the session model: ' +
        'start-rate increases by at least 2 % of control within 28d.',
    )
  })

  it('tells sizes as people do', () => {
    const withLift = (minimumLift: object, unit?: string) =>
      hypothesisSentence(
        parseDefinition({
          ...homeRanking,
          hypothesis: { ...homeRanking.hypothesis, minimumLift },
          metrics: { ...homeRanking.metrics, 'start-rate': { ...homeRanking.metrics['start-rate'], unit } },
        }),
      )
    expect(withLift({ relative: 0.07 })).toContain('at least 7 % of control')
    expect(withLift({ absolute: 0.005 })).toContain('at least 0.005 within')
    expect(withLift({ absolute: 3 }, 'seconds')).toContain('at least 3 seconds within')
  })
})
