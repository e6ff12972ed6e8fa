import type { MeasuredCluster } from '@fairtrial/protocol'

/** What is smaller has no relative accuracy itself, in doubles. */
const SMALLEST_NORMAL = 2 ** -1022

/** The numbers of one cluster of units. */
interface Cell {
  n: number
  mean: number
  m2: number
  zeros: number
  readonly bins: Map<number, number>
}

/** What was measured under one name in one arm since it was handed over last, by cluster of units. */
export class Series {
  /** Epoch milliseconds. */
  openedAt: number
  /** Observations, and how many counts its bins hold. */
  count = 0
  size = 0
  readonly #logGamma: number
  readonly #cells = new Map<number, Cell>()

  constructor(accuracy: number, openedAt: number) {
    this.#logGamma = Math.log1p(accuracy) - Math.log1p(-accuracy)
    this.openedAt = openedAt
  }

  /** Takes one number in (Welford 1962; DDSketch: Masson, Rim & Lee 2019). */
  add(cluster: number, value: number): void {
    const cell = this.#cells.get(cluster) ?? this.#open(cluster)
    this.count += 1
    cell.n += 1
    const distance = value - cell.mean
    cell.mean += distance / cell.n
    cell.m2 += distance * (value - cell.mean)
    if (value < SMALLEST_NORMAL) {
      cell.zeros += 1
      return
    }
    const bin = Math.ceil(Math.log(value) / this.#logGamma)
    const known = cell.bins.get(bin)
    if (known === undefined) this.size += 1
    cell.bins.set(bin, (known ?? 0) + 1)
  }

  /** Clusters with observations, rising, and nothing left behind. */
  take(now: number): readonly MeasuredCluster[] {
    const cells = [...this.#cells].toSorted(([a], [b]) => a - b)
    this.#cells.clear()
    this.openedAt = now
    this.count = 0
    this.size = 0
    return cells.map(([cluster, { bins, ...sums }]) => {
      return { cluster, ...sums, bins: [...bins].toSorted(([a], [b]) => a - b) }
    })
  }

  #open(cluster: number): Cell {
    const cell = { n: 0, mean: 0, m2: 0, zeros: 0, bins: new Map<number, number>() }
    this.#cells.set(cluster, cell)
    return cell
  }
}
