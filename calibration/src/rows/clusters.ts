import type { RandomStream } from '@fairtrial/sequential'
import { clusteredDifference, type ClusteredUnit, isEstimable, momentsOf, welch } from '@fairtrial/statistics'
import { shareAtLeast, shareShown } from '../outcome.ts'
import type { Row } from '../row.ts'

const CORRELATION = 0.1

/** Units of variance 1 in clusters that share a part of it; every other cluster is treated. */
export function clusteredUnits(
  { normal }: RandomStream,
  { sizes, difference = 0 }: { readonly sizes: readonly number[]; readonly difference?: number },
): ClusteredUnit[] {
  return sizes.flatMap((size, cluster) => {
    const isTreated = cluster % 2 === 1
    const shared = (isTreated ? difference : 0) + Math.sqrt(CORRELATION) * normal()
    return Array.from({ length: size }, () => ({
      cluster,
      isTreated,
      value: shared + Math.sqrt(1 - CORRELATION) * normal(),
    }))
  })
}

/** Twenty clusters of 10 to 48 units. */
const UNEVEN = Array.from({ length: 20 }, (_, i) => 10 + 2 * i)
const TRIALS = { full: 20_000, short: 200 }

const rowOf = (
  name: string,
  claim: string,
  source: string,
  isCovered: (units: readonly ClusteredUnit[]) => boolean,
  judge: typeof shareAtLeast | null,
): Row => ({
  name: `clusters/${name}`,
  claim,
  source,
  trials: TRIALS,
  run: ({ trials, random }) => {
    let hits = 0
    for (let i = 0; i < trials; i++) if (isCovered(clusteredUnits(random, { sizes: UNEVEN }))) hits++
    return judge ? judge({ hits, trials }, 0.94) : shareShown({ hits, trials })
  },
})

const coversZero = (interval: { readonly lower: number; readonly upper: number }) =>
  interval.lower <= 0 && interval.upper >= 0

const byClusters = (variance: 'CR1' | 'CR2') => (units: readonly ClusteredUnit[]) => {
  const test = clusteredDifference(units, { variance })
  return isEstimable(test) && coversZero(test.interval)
}

/** Twenty clusters, randomized as wholes. */
export const clusterRows: readonly Row[] = [
  rowOf(
    'cr2',
    'Coverage of the 95 % interval, CR2 with Satterthwaite, 20 clusters, intra-cluster correlation 0.1',
    'Bell & McCaffrey 2002; Imbens & Kolesár 2016',
    byClusters('CR2'),
    shareAtLeast,
  ),
  rowOf('cr1', '… of CR1 with G − 1 degrees of freedom', 'Liang & Zeger 1986', byClusters('CR1'), null),
  rowOf(
    'ignored',
    "… of Welch's interval, which takes the units for independent",
    'Welch 1947',
    (units) => {
      const [control, treatment] = [false, true].map((isTreated) =>
        momentsOf(units.filter((unit) => unit.isTreated === isTreated).map(({ value }) => value)),
      )
      const test = welch(control!, treatment!)
      return isEstimable(test) && coversZero(test.interval)
    },
    null,
  ),
]
