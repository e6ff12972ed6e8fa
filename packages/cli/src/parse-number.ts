import { type Duration, durationMs } from '@fairtrial/protocol'
import { InvalidArgumentError } from 'commander'

/** Any finite number. */
export function parseNumber(text: string): number {
  return numberWhere(text, () => true, 'Give a number, as 0.5.')
}

/** Above 0. */
export function parsePositive(text: string): number {
  return numberWhere(text, (value) => value > 0, 'Give a number above 0.')
}

/** Above 0 and below 1, as a power. */
export function parseProbability(text: string): number {
  return numberWhere(text, (value) => value > 0 && value < 1, 'Give a number between 0 and 1, as 0.8.')
}

/** `--alpha`: above 0 and below one half. */
export function parseAlpha(text: string): number {
  return numberWhere(text, (value) => value > 0 && value < 0.5, 'Give a number between 0 and 0.5, as 0.05.')
}

/** A length of time above nothing, in milliseconds. */
export function parseLength(text: string): number {
  let length: number
  try {
    length = durationMs(text as Duration)
  } catch {
    length = 0
  }
  if (length > 0) return length
  throw new InvalidArgumentError("Give a length of time, such as '15m' or '6h'.")
}

/** `--period`: a length of time above nothing, as it was written. */
export function parsePeriod(text: string): Duration {
  parseLength(text)
  return text as Duration
}

/** `--correlation`: −1 to 1. */
export function parseCorrelation(text: string): number {
  return numberWhere(text, (value) => value >= -1 && value <= 1, 'Give a number from -1 to 1.')
}

/** `--icc`: 0 to 1. */
export function parseShare(text: string): number {
  return numberWhere(text, (value) => value >= 0 && value <= 1, 'Give a number from 0 to 1.')
}

/** `--sides`: 1 or 2. */
export function parseSides(text: string): 1 | 2 {
  return numberWhere(text, (value) => value === 1 || value === 2, 'Give 1 or 2.') as 1 | 2
}

/** `--looks`: 1 to 50. */
export function parseLooks(text: string): number {
  return numberWhere(
    text,
    (value) => Number.isInteger(value) && value >= 1 && value <= 50,
    'Give a whole number from 1 to 50.',
  )
}

/** A whole number from 1. */
export function parseWhole(text: string): number {
  return numberWhere(
    text,
    (value) => Number.isSafeInteger(value) && value >= 1,
    'Give a whole number from 1, as 2.',
  )
}

/** `--allocation`: a weight above 0 for each arm. */
export function parseWeights(text: string): number[] {
  return listWhere(
    text,
    (values) => values.length >= 2 && values.every((value) => value > 0),
    'Give a weight above 0 for each arm, control first, as 1,1.',
  )
}

/** `--n`: whole numbers from 2. */
export function parseSizes(text: string): number[] {
  return listWhere(
    text,
    (values) => values.every((value) => Number.isSafeInteger(value) && value >= 2),
    'Give whole numbers from 2: the units of each arm, as 5000, or those of every arm, as 5000,10000.',
  )
}

/** `--information`: at most 50 fractions above 0, rising. */
export function parseFractions(text: string): number[] {
  return listWhere(
    text,
    (values) => values.length <= 50 && values.every((value, i) => value > (values[i - 1] ?? 0)),
    'Give at most 50 fractions of the planned information, rising from above 0, as 0.25,0.5,1.',
  )
}

/** `--shares`: cumulative shares of alpha, from 0 to 1, not falling. */
export function parseShares(text: string): number[] {
  return listWhere(
    text,
    (values) => values.every((value, i) => value >= (values[i - 1] ?? 0) && value <= 1),
    'Give cumulative shares of alpha that do not fall, as 0.1,0.4,1.',
  )
}

function numberWhere(text: string, holds: (value: number) => boolean, remedy: string): number {
  const value = numberOf(text)
  if (!Number.isFinite(value) || !holds(value)) throw new InvalidArgumentError(remedy)
  return value
}

function listWhere(text: string, holds: (values: number[]) => boolean, remedy: string): number[] {
  const values = text.split(',').map(numberOf)
  if (!values.every(Number.isFinite) || !holds(values)) throw new InvalidArgumentError(remedy)
  return values
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}
