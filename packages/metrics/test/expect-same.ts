import { expect } from 'vitest'

/** Equal up to rounding, with the same fields. */
export function expectSame(actual: unknown, expected: unknown, path = ''): void {
  if (typeof expected === 'number') {
    const isNear = Math.abs((actual as number) - expected) <= 1e-9 * Math.max(1, Math.abs(expected))
    if (!isNear) expect(actual, path).toBe(expected)
  } else if (typeof expected === 'object' && expected !== null) {
    const names = Object.keys(expected).toSorted()
    expect(
      Object.keys(actual as object)
        .toSorted()
        .join(),
      path,
    ).toBe(names.join())
    for (const name of names) {
      const [x, y] = [actual, expected] as Record<string, unknown>[]
      expectSame(x![name], y![name], `${path}.${name}`)
    }
  } else if (actual !== expected) expect(actual, path).toBe(expected)
}
