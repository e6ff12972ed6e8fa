import { createRandom, groupSequentialBoundaries, simulatePaths } from '@fairtrial/sequential'
import { race } from './race.ts'
import { type Row, row } from './row.ts'

const PATHS = 50_000

/** What was made last: kept, so that no draw can be left out as useless. */
let kept = 0

/** Trials simulated on Brownian paths, a look each, as a multiple of the bare draws: as many normal values, summed. */
export async function run(): Promise<Row[]> {
  const bounds = groupSequentialBoundaries({
    informationFractions: Array.from({ length: 28 }, (_, i) => (i + 1) / 28),
    rule: { type: 'hwang-shih-decani', gamma: -4 },
    sides: 2,
    alpha: 0.05,
  })
  const options = { paths: PATHS, seed: 1, drift: 1 }
  const { looks } = simulatePaths(bounds, options)
  const timings = await race({
    'bare normal draws': {
      size: looks,
      run: () => {
        const { normal } = createRandom(1)
        for (let look = 0; look < looks; look++) kept += normal()
      },
    },
    simulatePaths: {
      size: looks,
      run: () => {
        kept += simulatePaths(bounds, options).power
      },
    },
  })
  if (!Number.isFinite(kept)) throw new Error('the draws are no numbers')
  const job = 'a look of a simulated trial'
  return [
    row(job, timings, 'bare normal draws'),
    row(job, timings, 'simulatePaths', { against: 'bare normal draws', target: { atMost: 1.5 } }),
  ]
}
