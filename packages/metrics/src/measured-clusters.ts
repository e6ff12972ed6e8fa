import type { MeasuredCluster, MeasuredSummary } from '@fairtrial/protocol'
import { mergeMoments } from '@fairtrial/statistics'

type Bins = MeasuredCluster['bins']

/** What was measured in two arms' worth of requests, or in two stretches of time, taken together. */
export function mergeMeasured(
  a: MeasuredSummary | undefined,
  b: MeasuredSummary | undefined,
): MeasuredSummary | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const accuracy = Math.max(a.accuracy, b.accuracy)
  const clusters = new Map(atAccuracy(a, accuracy).map((each) => [each.cluster, each]))
  for (const each of atAccuracy(b, accuracy)) {
    const known = clusters.get(each.cluster)
    clusters.set(each.cluster, known ? mergeClusters(known, each) : each)
  }
  return { accuracy, clusters: [...clusters.values()].toSorted((x, y) => x.cluster - y.cluster) }
}

function mergeClusters(a: MeasuredCluster, b: MeasuredCluster): MeasuredCluster {
  return {
    cluster: a.cluster,
    ...mergeMoments(a, b),
    zeros: a.zeros + b.zeros,
    bins: mergeBins(a.bins, b.bins),
  }
}

/** Both rising, and so is what they come to. */
function mergeBins(a: Bins, b: Bins): Bins {
  const merged: [number, number][] = []
  let j = 0
  for (const [bin, count] of a) {
    while (j < b.length && b[j]![0] < bin) merged.push([...b[j++]!])
    merged.push([bin, count + (b[j]?.[0] === bin ? b[j++]![1] : 0)])
  }
  while (j < b.length) merged.push([...b[j++]!])
  return merged
}

/**
 * The same observations in coarser bins, each where the value is that stood for them: off by both accuracies at the most.
 * Services with another accuracy, as while they are deployed, cost digits and no observation.
 */
function atAccuracy({ accuracy, clusters }: MeasuredSummary, coarser: number): MeasuredSummary['clusters'] {
  if (accuracy === coarser) return clusters
  const logGamma = (share: number) => Math.log1p(share) - Math.log1p(-share)
  const binOf = (bin: number) =>
    Math.ceil((bin * logGamma(accuracy) + Math.log1p(-accuracy)) / logGamma(coarser))
  return clusters.map((cluster) => {
    const counts = new Map<number, number>()
    for (const [bin, count] of cluster.bins) counts.set(binOf(bin), (counts.get(binOf(bin)) ?? 0) + count)
    return { ...cluster, bins: [...counts].toSorted(([a], [b]) => a - b) }
  })
}
