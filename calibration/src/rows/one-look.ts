import { isEstimable, normalCdf, normalSf, twoProportions, welch } from '@fairtrial/statistics'
import { type Draw, exponential, lognormal, normal, onesAndZeros, sampleOf, binomial } from '../draws.ts'
import { shareAtMost, shareNear, shareShown } from '../outcome.ts'
import type { Outcome, Row } from '../row.ts'

const ALPHA = 0.05
const WELCH = 'Welch 1947'
const ENOUGH = 'Kohavi, Deng, Longbotham & Xu 2014: 355 · skewness² units an arm'

/** Units that the smaller arm needs so that its mean is nearly enough normal. */
const enough = (skewness: number) => Math.ceil(355 * skewness ** 2)

interface Design {
  readonly name: string
  readonly claim: string
  readonly draw: Draw
  readonly control: number
  readonly treatment: number
  readonly trials: { readonly full: number; readonly short: number }
  readonly judge: (count: { hits: number; trials: number }, nominal: number) => Outcome
}

const typeOne = ({ name, claim, draw, control, treatment, trials, judge }: Design): Row => ({
  name: `one-look/${name}`,
  claim: `Type I error of Welch's test, ${claim}`,
  source: judge === shareNear ? ENOUGH : WELCH,
  trials,
  run: ({ trials: count, random }) => {
    let hits = 0
    for (let i = 0; i < count; i++) {
      const test = welch(sampleOf(random, draw, control), sampleOf(random, draw, treatment))
      if (isEstimable(test) && test.pValue <= ALPHA) hits++
    }
    return judge({ hits, trials: count }, ALPHA)
  },
})

/** A cap that one unit in a hundred would exceed. */
const CAP = Math.exp(2 * 2.3263478740408408)

/** Skewness of exp(2 Z), capped: E[min(X, c)^k] = exp(2k²) Φ(ln c / 2 − 2k) + c^k P(X > c). */
function cappedSkewness(): number {
  const edge = Math.log(CAP) / 2
  const moment = (k: number) => Math.exp(2 * k * k) * normalCdf(edge - 2 * k) + CAP ** k * normalSf(edge)
  const [one, two, three] = [moment(1), moment(2), moment(3)]
  const variance = two - one * one
  return (three - 3 * one * two + 2 * one ** 3) / variance ** 1.5
}

const cappedEnough = enough(cappedSkewness())
const LOGNORMAL_1_SKEWNESS = (Math.E + 2) * Math.sqrt(Math.E - 1)

const means = (
  [
    {
      name: 'normal',
      claim: 'normal values, 100 units an arm',
      draw: normal,
      control: 100,
      treatment: 100,
      trials: { full: 200_000, short: 4_000 },
      judge: shareNear,
    },
    {
      name: 'normal-few',
      claim: 'normal values, 5 and 12 units',
      draw: normal,
      control: 5,
      treatment: 12,
      trials: { full: 200_000, short: 10_000 },
      judge: shareShown,
    },
    {
      name: 'skewed',
      claim: `exponential values, ${enough(2)} units an arm`,
      draw: exponential,
      control: enough(2),
      treatment: enough(2),
      trials: { full: 40_000, short: 500 },
      judge: shareNear,
    },
    {
      name: 'skewed-unequal',
      claim: `exponential values, ${enough(2)} and ${5 * enough(2)} units`,
      draw: exponential,
      control: 5 * enough(2),
      treatment: enough(2),
      trials: { full: 40_000, short: 200 },
      judge: shareNear,
    },
    {
      name: 'very-skewed',
      claim: `lognormal values of sd 1, ${enough(LOGNORMAL_1_SKEWNESS)} units an arm`,
      draw: lognormal(1),
      control: enough(LOGNORMAL_1_SKEWNESS),
      treatment: enough(LOGNORMAL_1_SKEWNESS),
      trials: { full: 20_000, short: 40 },
      judge: shareNear,
    },
    {
      name: 'winsorized',
      claim: `lognormal of sd 2, capped where 1 % lies beyond, ${cappedEnough} units an arm`,
      draw: lognormal(2, CAP),
      control: cappedEnough,
      treatment: cappedEnough,
      trials: { full: 20_000, short: 60 },
      judge: shareNear,
    },
    {
      name: 'winsorized-few',
      claim: 'the same, 200 units an arm',
      draw: lognormal(2, CAP),
      control: 200,
      treatment: 200,
      trials: { full: 100_000, short: 1_000 },
      judge: shareAtMost,
    },
    {
      name: 'too-skewed',
      claim: 'lognormal values of sd 2, 1,000 units an arm (too few)',
      draw: lognormal(2),
      control: 1_000,
      treatment: 1_000,
      trials: { full: 20_000, short: 200 },
      judge: shareShown,
    },
    {
      name: 'too-skewed-unequal',
      claim: 'lognormal values of sd 2, 1,000 and 5,000 units (too few)',
      draw: lognormal(2),
      control: 5_000,
      treatment: 1_000,
      trials: { full: 20_000, short: 100 },
      judge: shareShown,
    },
  ] satisfies Design[]
).map(typeOne)

/** The skewness of one unit with rate p, squared, is (1 − 2p)² / (p (1 − p)). */
const RATE = 0.01
const enoughUnits = enough((1 - 2 * RATE) / Math.sqrt(RATE * (1 - RATE)))
const RATES = { full: 200_000, short: 10_000 }

const rates = (
  [
    ['rare', enoughUnits, enoughUnits, shareNear],
    ['rare-unequal', 5 * enoughUnits, enoughUnits, shareNear],
    ['rare-few', 1_000, 1_000, shareAtMost],
    ['rare-few-unequal', 5_000, 1_000, shareShown],
  ] as const
).flatMap(([name, control, treatment, judge]): Row[] => {
  const sizes = control === treatment ? `${treatment} units an arm` : `${treatment} and ${control} units`
  const run =
    (isCalled: (c: number, t: number) => boolean): Row['run'] =>
    ({ trials, random }) => {
      let hits = 0
      for (let i = 0; i < trials; i++) {
        if (isCalled(binomial(random, control, RATE), binomial(random, treatment, RATE))) hits++
      }
      return judge({ hits, trials }, ALPHA)
    }
  return [
    {
      name: `one-look/${name}`,
      claim: `Type I error of Welch's test, rates of 1 %, ${sizes}${judge === shareShown ? ' (too few)' : ''}`,
      source: ENOUGH,
      trials: RATES,
      run: run((c, t) => {
        const test = welch(onesAndZeros(c, control), onesAndZeros(t, treatment))
        return isEstimable(test) && test.pValue <= ALPHA
      }),
    },
    {
      name: `one-look/${name}-pooled`,
      claim: `… of the pooled z test of the same`,
      source: ENOUGH,
      trials: RATES,
      run: run((c, t) => {
        const test = twoProportions({ successes: c, n: control }, { successes: t, n: treatment })
        return isEstimable(test) && isEstimable(test.pooled) && test.pooled.pValue <= ALPHA
      }),
    },
  ]
})

/** One look at data of all sorts: how often no effect is called one. */
export const oneLookRows: readonly Row[] = [...means, ...rates]
