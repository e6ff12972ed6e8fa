import type { Experiment } from '@fairtrial/protocol'
import { sayShare } from './words.ts'

/** Counts in the order of the variants, by the variant's name. */
export function byArm(
  { variants }: Experiment,
  counts: readonly number[],
): { readonly [variant: string]: number } {
  return Object.fromEntries(variants.map(({ name }, arm) => [name, counts[arm] ?? 0]))
}

/** `control 12 of 1,000 (1.2 %), model 0 of 998 (0 %)`. */
export function sayByArm({ variants }: Experiment, marked: readonly number[], of: readonly number[]): string {
  return variants
    .map(({ name }, arm) => {
      const [some, all] = [marked[arm] ?? 0, of[arm] ?? 0]
      const share = all === 0 ? '' : ` (${sayShare(some / all)})`
      return `${name} ${some.toLocaleString('en-US')} of ${all.toLocaleString('en-US')}${share}`
    })
    .join(', ')
}

/** `control 1.2 %, model 0 %`. */
export function sayRates({ variants }: Experiment, marked: readonly number[], of: readonly number[]): string {
  return variants
    .map(({ name }, arm) => `${name} ${sayShare((marked[arm] ?? 0) / (of[arm] ?? 0))}`)
    .join(', ')
}

export function zerosFor({ variants }: Experiment): number[] {
  return variants.map(() => 0)
}

/** 0 of none. */
export function shareOf(count: number, all: number | undefined): number {
  return all === undefined || all === 0 ? 0 : count / all
}

/** Counts in place. */
export function addTo(counts: number[], arm: number, by: number): void {
  counts[arm] = (counts[arm] ?? 0) + by
}
