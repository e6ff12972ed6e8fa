import type { SpendingFunction } from '@fairtrial/sequential'

/** The spending functions that the claims are about, as tables call them. */
export const SPENDING = {
  'HSD(-4)': { type: 'hwang-shih-decani', gamma: -4 },
  'LD-OBF': { type: 'lan-demets-obrien-fleming' },
  'Kim-DeMets t²': { type: 'kim-demets', power: 2 },
  'LD-Pocock': { type: 'lan-demets-pocock' },
} as const satisfies Record<string, SpendingFunction>

export type SpendingName = keyof typeof SPENDING

/** As part of a row's name. */
export const SLUGS: Record<SpendingName, string> = {
  'HSD(-4)': 'hsd',
  'LD-OBF': 'obf',
  'Kim-DeMets t²': 'kd',
  'LD-Pocock': 'pocock',
}

/** The fractions of evenly spaced looks. */
export function equalFractions(looks: number): number[] {
  return Array.from({ length: looks }, (_, i) => (i + 1) / looks)
}
