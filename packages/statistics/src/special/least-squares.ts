/** A least-squares fit, in the form that robust variances are read from. */
export interface LeastSquares {
  readonly coefficients: readonly number[]
  readonly residuals: readonly number[]
  /** Orthonormal columns that span the design, one row an observation. */
  readonly basis: readonly (readonly number[])[]
  /** How much each observation's value moves coefficient `i`: (X'X)⁻¹X', row i. */
  readonly influence: (i: number) => number[]
}

/**
 * Least squares by an orthonormal basis of the columns scaled to length one. Undefined when a column is a combination of
 * the others to all but 1e-9 of its length.
 */
export function leastSquares(
  design: readonly (readonly number[])[],
  values: readonly number[],
): LeastSquares | undefined {
  const n = design.length
  const k = design[0]?.length ?? 0
  const lengths = Array.from({ length: k }, (_, j) =>
    Math.sqrt(design.reduce((s, row) => s + row[j]! ** 2, 0)),
  )
  // Modified Gram-Schmidt, twice: as orthogonal as Householder's, and the basis is at hand.
  const columns: number[][] = []
  const upper: number[][] = []
  for (let j = 0; j < k; j++) {
    const column = design.map((row) => row[j]! / lengths[j]!)
    const line: number[] = Array.from({ length: k }, () => 0)
    for (let pass = 0; pass < 2; pass++) {
      for (const [m, other] of columns.entries()) {
        const along = dot(column, other)
        line[m]! += along
        for (let i = 0; i < n; i++) column[i]! -= along * other[i]!
      }
    }
    const left = Math.sqrt(dot(column, column))
    if (!(left > 1e-9)) return undefined
    line[j] = left
    columns.push(column.map((each) => each / left))
    upper.push(line)
  }
  // upper[j][m] is R[m][j]: column j of the scaled design along basis vector m.
  const solve = (right: readonly number[]) => {
    const x = Array.from(right)
    for (let j = k - 1; j >= 0; j--) {
      for (let m = j + 1; m < k; m++) x[j]! -= upper[m]![j]! * x[m]!
      x[j]! /= upper[j]![j]!
    }
    return x.map((each, j) => each / lengths[j]!)
  }
  const along = columns.map((column) => dot(column, values))
  const rest = Array.from(values)
  for (const [m, column] of columns.entries()) {
    for (let i = 0; i < n; i++) rest[i]! -= along[m]! * column[i]!
  }
  // What rounding left of the basis in the residuals is taken out once more.
  for (const [m, column] of columns.entries()) {
    const correction = dot(column, rest)
    along[m]! += correction
    for (let i = 0; i < n; i++) rest[i]! -= correction * column[i]!
  }
  return {
    coefficients: solve(along),
    residuals: rest,
    basis: design.map((_, i) => columns.map((column) => column[i]!)),
    influence: (i) => {
      const unit = Array.from({ length: k }, () => 0)
      // Row i of R⁻¹, by solving R x = e_m for each m.
      const row = unit.map((_, m) => solve(unit.map((_, j) => (j === m ? 1 : 0)))[i]!)
      return design.map((_, r) => row.reduce((sum, each, m) => sum + each * columns[m]![r]!, 0))
    },
  }
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
