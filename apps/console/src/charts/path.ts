import type { Scale } from './scale.ts'

/** A point in time with its value; null where there is none, which breaks a line. */
export interface Point {
  readonly at: number
  readonly value: number | null
}

/** A line through the points, broken where there is none. */
export function linePath(points: readonly Point[], x: Scale, y: Scale): string {
  let isOpen = false
  let path = ''
  for (const { at, value } of points) {
    if (value !== null) path += `${isOpen ? 'L' : 'M'}${pixel(x(at))} ${pixel(y(value))}`
    isOpen = value !== null
  }
  return path
}

/** Steps: a value holds until the next. */
export function stepPath(points: readonly Point[], x: Scale, y: Scale): string {
  let path = ''
  for (const { at, value } of points) {
    if (value === null) continue
    path += path === '' ? `M${pixel(x(at))} ${pixel(y(value))}` : `H${pixel(x(at))}V${pixel(y(value))}`
  }
  return path
}

/** The area between two ends, in one piece for each stretch that has both. */
export function bandPath(
  points: readonly { readonly at: number; readonly lower: number | null; readonly upper: number | null }[],
  x: Scale,
  y: Scale,
): string {
  const pieces: { at: number; lower: number; upper: number }[][] = [[]]
  for (const { at, lower, upper } of points) {
    if (lower === null || upper === null) pieces.push([])
    else pieces.at(-1)?.push({ at, lower, upper })
  }
  return pieces
    .filter((piece) => piece.length > 0)
    .map((piece) => {
      const there = piece.map(({ at, upper }) => `${pixel(x(at))} ${pixel(y(upper))}`)
      const back = piece.toReversed().map(({ at, lower }) => `${pixel(x(at))} ${pixel(y(lower))}`)
      return `M${[...there, ...back].join('L')}Z`
    })
    .join('')
}

/** A tenth of a pixel is more than a screen shows. */
function pixel(value: number): number {
  return Math.round(value * 10) / 10
}
