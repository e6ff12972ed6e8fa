import { type Boundaries, groupSequentialBoundaries } from '@fairtrial/sequential'
import { race } from './race.ts'
import { type Row, row } from './row.ts'

/** Paths further out than this many standard deviations are left out, as the solver does. */
const REACH = 9.5
/** Nodes for each standard deviation of a step between two looks. */
const DENSITY = 4

/** Where the integrals of a design have their nodes: for each look but the last, evenly between its bounds. */
function gridsOf({ informationFractions: fractions, upper, lower }: Boundaries) {
  const step = fractions[0] ?? Number.NaN
  return fractions.slice(0, -1).map((fraction, i) => {
    const root = Math.sqrt(fraction)
    const low = Math.max(lower?.[i] ?? -REACH, -REACH) * root
    const high = Math.min(upper[i] ?? REACH, REACH) * root
    const spacing = Math.sqrt(step) / DENSITY
    return { low, spacing, step: Math.sqrt(step), size: Math.ceil((high - low) / spacing) }
  })
}

/**
 * The least that the integrals of a design can cost: from look to look one exponential for each pair of nodes that can
 * reach each other, summed. No bound is searched, no weight applied, no tail told.
 */
function bareQuadrature(grids: ReturnType<typeof gridsOf>): number {
  let sum = 0
  let before: (typeof grids)[number] | undefined
  for (const grid of grids) {
    if (before !== undefined) {
      const { low, spacing, step, size } = before
      for (let i = 0; i < grid.size; i++) {
        const score = grid.low + i * spacing
        const first = Math.max(0, Math.floor((score - REACH * step - low) / spacing))
        const end = Math.min(size, Math.ceil((score + REACH * step - low) / spacing))
        for (let j = first; j < end; j++) {
          const distance = (score - low - j * spacing) / step
          sum += Math.exp(-0.5 * distance * distance)
        }
      }
    }
    before = grid
  }
  return sum
}

/** What was solved last: kept, so that no solving can be left out as useless. */
let kept: unknown

/** The bounds of designs with 5 to 50 looks, as multiples of a bare quadrature of the same size. */
export async function run(): Promise<Row[]> {
  const rows: Row[] = []
  for (const [looks, repeats] of [
    [5, 100],
    [10, 20],
    [28, 4],
    [50, 2],
  ] as const) {
    const repeat = (solve: () => unknown) => () => {
      for (let i = 0; i < repeats; i++) kept = solve()
    }
    for (const sides of [1, 2] as const) {
      const design = {
        informationFractions: Array.from({ length: looks }, (_, i) => (i + 1) / looks),
        rule: { type: 'hwang-shih-decani', gamma: -4 },
        sides,
        alpha: 0.05,
      } as const
      const grids = gridsOf(groupSequentialBoundaries(design))
      const timings = await race({
        'bare quadrature': { size: repeats, run: repeat(() => bareQuadrature(grids)) },
        boundaries: { size: repeats, run: repeat(() => groupSequentialBoundaries(design)) },
      })
      if (kept === undefined) throw new Error('nothing was solved')
      const job = `${looks} looks, ${sides}-sided`
      rows.push(row(job, timings, 'bare quadrature'))
      rows.push(row(job, timings, 'boundaries', { against: 'bare quadrature', target: { atMost: 15 } }))
    }
  }
  return rows
}
