import type { MetricSummary } from '@fairtrial/protocol'
import type { RandomStream } from '@fairtrial/sequential'
import { normalQuantile } from '@fairtrial/statistics'

/** Who makes requests, and how alike those of one unit are. */
export interface TrafficPlan {
  /** The share of a request's variance, in logarithms, that its unit's level has. */
  readonly intraclass: number
  /** Standard deviation of the logarithm of requests a minute: 0 of units that are all as busy. */
  readonly busy: number
  /** Units there from the start, and those that come in each minute. Nobody leaves. */
  readonly atStart: number
  readonly perMinute: number
  /** Requests of a unit in a minute, in the median. */
  readonly requests: number
  /** What every request takes longer. */
  readonly shift: number
  /** Where errors are measured instead, ones and zeros: the slowest of requests fail, this share of them. */
  readonly errorRate?: number
}

/** Standard deviation of the logarithm of a request's seconds. */
const SPREAD = 0.5
const ACCURACY = 0.01
const LOG_GAMMA = Math.log1p(ACCURACY) - Math.log1p(-ACCURACY)
const CLUSTERS = 256

interface Cluster {
  n: number
  mean: number
  m2: number
  readonly bins: Map<number, number>
}

/** The traffic of one arm, minute by minute, summed up as an observer does. */
export class Traffic {
  readonly #random: RandomStream
  readonly #plan: TrafficPlan
  readonly #units: { readonly level: number; readonly rate: number; readonly cluster: Cluster }[] = []
  readonly #clusters = Array.from(
    { length: CLUSTERS },
    (): Cluster => ({ n: 0, mean: 0, m2: 0, bins: new Map() }),
  )
  readonly #withBins: boolean

  constructor(random: RandomStream, plan: TrafficPlan, withBins: boolean) {
    this.#random = random
    this.#plan = plan
    this.#withBins = withBins
    for (let i = 0; i < plan.atStart; i++) this.#arrive()
  }

  get units(): number {
    return this.#units.length
  }

  minute(): void {
    const { perMinute, intraclass, shift, errorRate } = this.#plan
    const slowest = errorRate === undefined ? 0 : -SPREAD * normalQuantile(errorRate)
    for (let i = 0; i < perMinute; i++) this.#arrive()
    const { normal } = this.#random
    const noise = SPREAD * Math.sqrt(1 - intraclass)
    for (const { level, rate, cluster } of this.#units) {
      for (let left = this.#poisson(rate); left > 0; left--) {
        const logarithm = level + noise * normal()
        this.#observe(
          cluster,
          errorRate === undefined ? shift + Math.exp(logarithm) : Number(logarithm > slowest),
        )
      }
    }
  }

  summary(): MetricSummary {
    const clusters = this.#clusters.flatMap(({ bins, ...sums }, cluster) => {
      if (sums.n === 0) return []
      return [{ cluster, ...sums, zeros: 0, bins: [...bins].toSorted(([a], [b]) => a - b) }]
    })
    const n = clusters.reduce((sum, each) => sum + each.n, 0)
    const mean = clusters.reduce((sum, each) => sum + (each.mean * each.n) / n, 0)
    const m2 = clusters.reduce((sum, each) => sum + each.m2 + each.n * (each.mean - mean) ** 2, 0)
    const all = { n, mean: n === 0 ? 0 : mean, m2 }
    return { closed: all, current: all, missing: 0, measured: { accuracy: ACCURACY, clusters } }
  }

  #arrive(): void {
    const { uniform, normal } = this.#random
    const { intraclass, busy, requests } = this.#plan
    this.#units.push({
      level: SPREAD * Math.sqrt(intraclass) * normal(),
      rate: requests * Math.exp(busy * normal()),
      cluster: this.#clusters[Math.floor(CLUSTERS * uniform())]!,
    })
  }

  #observe(cluster: Cluster, value: number): void {
    cluster.n += 1
    const distance = value - cluster.mean
    cluster.mean += distance / cluster.n
    cluster.m2 += distance * (value - cluster.mean)
    if (!this.#withBins) return
    const bin = Math.ceil(Math.log(value) / LOG_GAMMA)
    cluster.bins.set(bin, (cluster.bins.get(bin) ?? 0) + 1)
  }

  /** By the gaps between events (Knuth), for few of them. */
  #poisson(rate: number): number {
    const { uniform } = this.#random
    let count = 0
    for (let left = rate + Math.log(1 - uniform()); left > 0; left += Math.log(1 - uniform())) count++
    return count
  }
}
