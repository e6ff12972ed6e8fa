import type { RandomStream } from '@fairtrial/sequential'
import { betaBinomialModel, isEstimable, normalModel } from '@fairtrial/statistics'
import { binomial } from '../draws.ts'
import { shareAtLeast, shareAtMost, shareShown } from '../outcome.ts'
import type { Row } from '../row.ts'

/** A trial whose truth was drawn from the prior: what the posterior says, and who was better. */
interface Drawn {
  readonly chanceToWin: number
  readonly isWin: boolean
}

/** Among posteriors that give treatment a chance of 90 to 95 %, it wins in 90 to 95 %. */
const rowOf = (
  name: string,
  claim: string,
  draw: (random: RandomStream) => Drawn,
  trials: { full: number; short: number },
): Row => ({
  name: `bayesian/${name}`,
  claim,
  source: 'definition of a posterior',
  trials,
  run: ({ trials: count, random }) => {
    let [said, wins] = [0, 0]
    for (let i = 0; i < count; i++) {
      const { chanceToWin, isWin } = draw(random)
      if (chanceToWin < 0.9 || chanceToWin > 0.95) continue
      said++
      if (isWin) wins++
    }
    const { measured, error } = shareShown({ hits: wins, trials: said })
    const { bar: low } = shareAtLeast({ hits: wins, trials: said }, 0.9)
    const { bar: high } = shareAtMost({ hits: wins, trials: said }, 0.95)
    return { measured, error, nominal: 0.925, bar: { ...low, ...high } }
  },
})

const PRIOR = { mean: 0, variance: 0.05 ** 2 }

function normalTrial({ normal }: RandomStream): Drawn {
  const effect = 0.05 * normal()
  const standardError = 0.04
  const posterior = normalModel(
    { estimate: effect + standardError * normal(), standardError },
    { prior: PRIOR },
  )
  return { chanceToWin: isEstimable(posterior) ? posterior.chanceToWin : Number.NaN, isWin: effect > 0 }
}

/** Both rates from the default prior, Beta(1, 1). */
function rateTrial(random: RandomStream): Drawn {
  const rates = [random.uniform(), random.uniform()] as const
  const [control, treatment] = rates.map((rate) => ({ successes: binomial(random, 50, rate), n: 50 }))
  const posterior = betaBinomialModel(control!, treatment!)
  return {
    chanceToWin: isEstimable(posterior) ? posterior.chanceToWin : Number.NaN,
    isWin: rates[1] > rates[0],
  }
}

const WHEN = 'where effects are drawn from the prior: wins where the chance to win is said to be 90 to 95 %'

/** Posteriors that mean what they say. */
export const bayesianRows: readonly Row[] = [
  rowOf('normal', `Normal model, ${WHEN}`, normalTrial, { full: 1_000_000, short: 50_000 }),
  rowOf('rates', `Beta-binomial model, ${WHEN}`, rateTrial, { full: 20_000, short: 400 }),
]
