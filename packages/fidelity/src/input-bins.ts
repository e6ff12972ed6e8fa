import type { JsonScalar, SealedInputWatch } from '@fairtrial/protocol'

/** Where the values of an input are counted. Of a text without a reference, bins come as values do. */
export interface InputBins {
  /** By bin. The first two are units without a value, and values that are not told apart. */
  readonly labels: string[]
  /** Shares in the reference window, by bin; null without one. */
  readonly reference: readonly number[] | null
  readonly binOf: (value: JsonScalar | undefined) => number
}

export const MISSING = 0
const OTHERS = 1
/** The first bin of a value. */
export const VALUES = 2
const LABELS = ['(missing)', '(others)'] as const
/** Values of a text that are told apart: those of the reference, the largest first; else those that come first. */
const MAXIMUM_VALUES = 100

export function createInputBins(input: SealedInputWatch): InputBins {
  return input.type === 'number' ? binsOfNumber(input) : binsOfText(input)
}

function binsOfNumber({ edges = [], reference }: SealedInputWatch): InputBins {
  const between = edges.slice(1).map((edge, i) => `${edges[i]} to ${edge}`)
  return {
    labels: [...LABELS, `below ${edges[0]}`, ...between, `${edges.at(-1)} and above`],
    reference: isByBin(reference) ? [0, 0, ...reference] : null,
    binOf: (value) => {
      if (isMissing(value)) return MISSING
      if (typeof value !== 'number') return OTHERS
      const above = edges.findIndex((edge) => value < edge)
      return VALUES + (above === -1 ? edges.length : above)
    },
  }
}

function binsOfText({ reference }: SealedInputWatch): InputBins {
  const shares = reference === undefined || isByBin(reference) ? null : reference
  const known = Object.entries(shares ?? {})
    .filter(([value]) => !(LABELS as readonly string[]).includes(value))
    .toSorted(([, a], [, b]) => b - a)
  const told = known.slice(0, MAXIMUM_VALUES)
  const rest = known.slice(MAXIMUM_VALUES).reduce((sum, [, share]) => sum + share, 0)
  const [missing = 0, others = 0] = LABELS.map((label) => shares?.[label] ?? 0)
  const labels = [...LABELS, ...told.map(([value]) => value)]
  const binByValue = new Map(told.map(([value], i) => [value, VALUES + i]))
  return {
    labels,
    reference: shares && [missing, others + rest, ...told.map(([, share]) => share)],
    binOf: (value) => {
      if (isMissing(value)) return MISSING
      const text = String(value)
      const bin = binByValue.get(text)
      if (bin !== undefined) return bin
      if (shares !== null || binByValue.size >= MAXIMUM_VALUES) return OTHERS
      binByValue.set(text, labels.length)
      return labels.push(text) - 1
    },
  }
}

function isMissing(value: JsonScalar | undefined): value is null | undefined {
  return value === undefined || value === null
}

function isByBin(reference: SealedInputWatch['reference']): reference is readonly number[] {
  return Array.isArray(reference)
}
