import type { Metric } from './metric.ts'

/** What a counter holds at most: more combinations of labels than this are a mistake here, and are not kept. */
const MAXIMUM_SERIES = 10_000

/** Counts by labels. */
export interface Counter {
  add(labels: { readonly [label: string]: string }, by?: number): void
  read(): Metric
}

/** @param name ends in `_total` */
export function createCounter(name: string, help: string): Counter {
  const series = new Map<string, { readonly labels: { readonly [label: string]: string }; value: number }>()
  return {
    add(labels, by = 1) {
      const id = JSON.stringify(labels)
      const held = series.get(id)
      if (held !== undefined) held.value += by
      else if (series.size < MAXIMUM_SERIES) series.set(id, { labels, value: by })
    },
    read: () => ({ name, help, type: 'counter', samples: [...series.values()] }),
  }
}
