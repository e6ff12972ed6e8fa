import { createRandom } from '@fairtrial/sequential'
import { atMost, quantileOf } from '../outcome.ts'
import { planOf } from '../ramps/course.ts'
import { type Fleet, timeToZero } from '../ramps/fleet.ts'
import type { Row, Setting } from '../row.ts'

/** The defaults of `httpSource` and of the control plane. */
const FLEET: Fleet = { instances: 50, cutOff: 0, lost: 0, pollMs: 2_000, leaseMs: 30_000, timeoutMs: 5_000 }

const experiment = planOf({ metrics: [], unitsPerMinute: 0, harm: 0 })

/** From an abort until nobody meets the treatment. The bars: a poll and its answer; a lease. */
export const timeToZeroRows: readonly Row[] = (
  [
    ['reached', 'Seconds from an abort until none of 50 instances serves the treatment', {}, 2.5],
    ['lossy', '… where one answer in twenty is lost', { lost: 0.05 }, 30],
    ['cut-off', '… where one instance is cut off as the abort is made', { cutOff: 1 }, 30],
  ] as const
).flatMap(([name, claim, changes, seconds]) =>
  (
    [
      ['median', claim, 0.5],
      ['99', '… of 99 in 100 aborts', 0.99],
    ] as const
  ).map(
    ([quantile, words, share]): Row => ({
      name: `rollout/time-to-zero-${name}-${quantile}`,
      draws: `rollout/time-to-zero-${name}`,
      claim: words,
      source: 'createClient under a simulated clock; polls every 2 s, leases of 30 s',
      trials: { full: 200, short: 2 },
      run: async (setting) => {
        const { measured, error } = quantileOf(await timesOf({ ...FLEET, ...changes }, setting), share)
        return atMost(measured, error, seconds)
      },
    }),
  ),
)

let last: { readonly key: string; readonly times: readonly number[] } | undefined

/** In seconds. Kept for the next row, which asks for another quantile of the same. */
async function timesOf(fleet: Fleet, { trials, seed }: Setting): Promise<readonly number[]> {
  const key = `${seed} ${trials}`
  if (last?.key !== key) {
    const times: number[] = []
    for (let trial = 0; trial < trials; trial++) {
      times.push((await timeToZero(fleet, experiment, createRandom(seed, trial + 1))) / 1_000)
    }
    last = { key, times }
  }
  return last.times
}
