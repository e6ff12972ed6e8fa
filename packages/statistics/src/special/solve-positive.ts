/**
 * Solves A x = b for a symmetric positive semi-definite A by Cholesky's method on the matrix scaled to a diagonal of
 * ones. A column that the ones before it explain to all but 1e-10 of its variance is left out: its x is 0.
 */
export function solvePositive(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const scale = matrix.map((row, i) => (row[i]! > 0 ? 1 / Math.sqrt(row[i]!) : 0))
  const kept: number[] = []
  const factor: number[][] = []
  for (const [i, row] of matrix.entries()) {
    if (scale[i] === 0) continue
    const line: number[] = []
    for (const [j, other] of kept.entries()) {
      let sum = row[other]! * scale[i]! * scale[other]!
      for (let m = 0; m < j; m++) sum -= line[m]! * factor[j]![m]!
      line.push(sum / factor[j]![j]!)
    }
    const left = 1 - line.reduce((sum, each) => sum + each * each, 0)
    if (!(left > 1e-10)) continue
    line.push(Math.sqrt(left))
    kept.push(i)
    factor.push(line)
  }
  const z = kept.map((i) => right[i]! * scale[i]!)
  for (let i = 0; i < z.length; i++) {
    for (let j = 0; j < i; j++) z[i]! -= factor[i]![j]! * z[j]!
    z[i]! /= factor[i]![i]!
  }
  for (let i = z.length - 1; i >= 0; i--) {
    for (let j = i + 1; j < z.length; j++) z[i]! -= factor[j]![i]! * z[j]!
    z[i]! /= factor[i]![i]!
  }
  const solution = right.map(() => 0)
  for (const [rank, i] of kept.entries()) solution[i] = z[rank]! * scale[i]!
  return solution
}
