import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import {
  driftForPower,
  exitProbabilities,
  futilityBoundaries,
  groupSequentialBoundaries,
  inflationFactor,
  type SpendingFunction,
} from '../src/index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const informationFractions = Array.from({ length: 14 }, (_, i) => (i + 1) / 14)
const late: SpendingFunction = { type: 'hwang-shih-decani', gamma: -4 }

/** The last two columns of the row that has the words. */
function pricesOf(words: string): string[] {
  const [line = ''] = readme.split('\n').filter((each) => each.startsWith('| ') && each.includes(words))
  return line
    .split('|')
    .map((cell) => cell.trim())
    .slice(-3, -1)
}

it.each<[string, SpendingFunction]>([
  ['are in doubt', late],
  ['`--spending lan-demets-obrien-fleming`', { type: 'lan-demets-obrien-fleming' }],
  ['`--spending kim-demets`', { type: 'kim-demets', power: 2 }],
  ['`--spending lan-demets-pocock`', { type: 'lan-demets-pocock' }],
])('the README has the price of the rule of those who %s', (words, rule) => {
  const bounds = groupSequentialBoundaries({ informationFractions, rule, sides: 2, alpha: 0.05 })
  const inflation = inflationFactor(bounds, 0.8)
  const { expectedInformation } = exitProbabilities(bounds, driftForPower(bounds, 0.8))
  expect(pricesOf(words)).toEqual([inflation.toFixed(3), (inflation * expectedInformation).toFixed(3)])
})

it('the README has the price of futility bounds, and what they save', () => {
  const bounds = futilityBoundaries({
    informationFractions,
    alphaSpending: late,
    betaSpending: { type: 'hwang-shih-decani', gamma: -2 },
    alpha: 0.025,
    beta: 0.2,
  })
  const mean = (drift: number) =>
    (bounds.inflation * exitProbabilities(bounds, drift).expectedInformation).toFixed(3)
  expect(pricesOf('`futilityBoundaries`, `gamma')).toEqual([bounds.inflation.toFixed(3), mean(bounds.drift)])
  expect(readme).toContain(`no effect: ${mean(0)} times`)
})
