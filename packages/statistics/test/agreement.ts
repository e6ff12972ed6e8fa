/** One case of a reference file: numbers computed by other people's software. */
export interface ReferenceCase {
  readonly id: string
  readonly method: string
  readonly source: string
  readonly input: any
  readonly expected: any
  readonly tol: { readonly rel?: number; readonly abs?: number }
}

/** Where `actual` misses `expected`, as sentences; empty when every number agrees within the case's tolerance. */
export function disagreements(reference: ReferenceCase, actual: unknown): string[] {
  return compare(reference.tol, reference.id, actual, reference.expected)
}

function compare(tol: ReferenceCase['tol'], path: string, actual: any, expected: any): string[] {
  if (typeof expected === 'object' && expected !== null) {
    return Object.entries(expected).flatMap(([key, value]) =>
      compare(tol, `${path}.${key}`, actual?.[key], value),
    )
  }
  if (typeof expected !== 'number') return actual === expected ? [] : [`${path}: ${actual}, not ${expected}`]
  const error = Math.abs(actual - expected)
  const isNear = error <= (tol.abs ?? 0) || error <= (tol.rel ?? 0) * Math.abs(expected)
  return isNear ? [] : [`${path}: ${actual}, not ${expected} (off by ${error})`]
}
