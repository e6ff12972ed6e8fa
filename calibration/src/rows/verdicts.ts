import type { Evaluation } from '@fairtrial/protocol'
import { explicitTuning, normalMixtureMultiplier, type RandomStream } from '@fairtrial/sequential'
import { armOf, type GrowingArm, lognormal, rateArm } from '../draws.ts'
import { shareAtLeast, shareAtMost, shareShown } from '../outcome.ts'
import type { Row } from '../row.ts'
import { countCalls, growing, trialOf } from '../trial.ts'

const ALPHA = 0.05
const source = 'evaluate; Waudby-Smith et al. 2024'

const DATA = {
  'rates of 20 %': (random: RandomStream) => rateArm(random, 0.2),
  'rates of 1 %': (random: RandomStream) => rateArm(random, 0.01),
  'lognormal values of sd 2': (random: RandomStream) => armOf(random, lognormal(2)),
} satisfies Record<string, (random: RandomStream) => GrowingArm>

/** Whether some treatment is called better or worse than control. */
const isDifferent = ({ metrics }: Evaluation): boolean =>
  Object.values(metrics['primary']!.comparisons).some(({ verdict }) => verdict !== 'unknown')

interface Alike {
  readonly name: string
  readonly data: keyof typeof DATA
  readonly from: number
  readonly ratio: number
  /** False where the units are known to be too few: shown, not claimed. */
  readonly isClaimed: boolean
  readonly trials: { readonly full: number; readonly short: number }
}

const MANY = { full: 2_000, short: 40 }
const alike = (
  [
    {
      name: 'rate-20',
      data: 'rates of 20 %',
      from: 10,
      ratio: 1,
      isClaimed: true,
      trials: { full: 10_000, short: 120 },
    },
    { name: 'rate-20-unequal', data: 'rates of 20 %', from: 10, ratio: 5, isClaimed: true, trials: MANY },
    { name: 'rate-1', data: 'rates of 1 %', from: 10, ratio: 1, isClaimed: true, trials: MANY },
    {
      name: 'rate-1-unequal-early',
      data: 'rates of 1 %',
      from: 10,
      ratio: 5,
      isClaimed: false,
      trials: MANY,
    },
    { name: 'rate-1-unequal', data: 'rates of 1 %', from: 1_000, ratio: 5, isClaimed: true, trials: MANY },
    {
      name: 'lognormal',
      data: 'lognormal values of sd 2',
      from: 10,
      ratio: 1,
      isClaimed: true,
      trials: MANY,
    },
    {
      name: 'lognormal-unequal-early',
      data: 'lognormal values of sd 2',
      from: 10,
      ratio: 5,
      isClaimed: false,
      trials: MANY,
    },
    {
      name: 'lognormal-unequal',
      data: 'lognormal values of sd 2',
      from: 10_000,
      ratio: 5,
      isClaimed: true,
      trials: { full: 1_000, short: 5 },
    },
  ] satisfies Alike[]
).map(({ name, data, from, ratio, isClaimed, trials }): Row => {
  const to = Math.max(3_000, 5 * from)
  const arms = ratio === 1 ? 'arms of one size' : `${ratio} units of control for one of treatment`
  return {
    name: `verdicts/alike-${name}`,
    claim: `No effect, ${data}, ${arms}, 60 looks from ${from} to ${to}: ever a verdict`,
    source,
    trials,
    run: (setting) => {
      const draw = () => ({
        primary: { control: DATA[data](setting.random), treatment: DATA[data](setting.random) },
      })
      const count = countCalls(
        setting,
        trialOf(),
        { arms: draw, looks: growing(from, to), ratio },
        isDifferent,
      )
      return isClaimed ? shareAtMost(count, ALPHA) : shareShown(count)
    },
  }
})

const treatments: Row = {
  name: 'verdicts/three-treatments',
  claim: 'No effect, three treatments share alpha, 60 looks: ever a verdict on any',
  source: 'Bonferroni',
  trials: { full: 2_000, short: 40 },
  run: (setting) => {
    const names = ['control', 'a', 'b', 'c']
    const experiment = trialOf({ variants: names.map((name) => ({ name, weight: 1 })) })
    const arms = () => ({
      primary: Object.fromEntries(names.map((name) => [name, DATA['rates of 20 %'](setting.random)])),
    })
    return shareAtMost(
      countCalls(setting, experiment, { arms, looks: growing(50, 5_000) }, isDifferent),
      ALPHA,
    )
  },
}

const TUNED_AT = 10_000
const power: Row = {
  name: 'verdicts/power',
  claim: 'A real effect whose z is expected to be 1.5 bounds at 10,000 units is found by then, 60 looks',
  source,
  trials: { full: 2_000, short: 40 },
  run: (setting) => {
    const { random } = setting
    const tuning = explicitTuning({ alpha: ALPHA, tunedAt: TUNED_AT })
    const z = 1.5 * normalMixtureMultiplier(TUNED_AT, { alpha: ALPHA, ...tuning })
    const effect = (2 * z) / Math.sqrt(TUNED_AT)
    const arms = () => ({
      primary: {
        control: armOf(random, ({ normal }) => normal()),
        treatment: armOf(random, ({ normal }) => effect + normal()),
      },
    })
    const isBetter = ({ metrics }: Evaluation) =>
      metrics['primary']!.comparisons['treatment']!.verdict === 'better'
    const course = { arms, looks: growing(100, TUNED_AT / 2) }
    // At the last look alone: Φ(z − bound).
    return shareAtLeast(countCalls(setting, trialOf(), course, isBetter), 0.93)
  },
}

/** What `evaluate` says of a primary metric, looked at many times. */
export const verdictRows: readonly Row[] = [...alike, treatments, power]
