/** Eigenvalues and eigenvectors of a small symmetric matrix, by Jacobi's rotations. */
export function symmetricEigen(matrix: readonly (readonly number[])[]): {
  readonly values: readonly number[]
  /** One eigenvector of length one for each value. */
  readonly vectors: readonly (readonly number[])[]
} {
  const k = matrix.length
  const a = matrix.map((row) => Array.from(row))
  const v: number[][] = a.map((_, i) => a.map((_, j) => (i === j ? 1 : 0)))
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0
    for (let p = 0; p < k; p++) {
      for (let q = p + 1; q < k; q++) {
        const apq = a[p]![q]!
        if (Math.abs(apq) <= 1e-18 * Math.sqrt(Math.abs(a[p]![p]! * a[q]![q]!))) continue
        off += Math.abs(apq)
        const theta = (a[q]![q]! - a[p]![p]!) / (2 * apq)
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(1, theta))
        const c = 1 / Math.hypot(1, t)
        const s = t * c
        for (let r = 0; r < k; r++) {
          const [arp, arq] = [a[r]![p]!, a[r]![q]!]
          a[r]![p] = c * arp - s * arq
          a[r]![q] = s * arp + c * arq
        }
        for (let r = 0; r < k; r++) {
          const [apr, aqr] = [a[p]![r]!, a[q]![r]!]
          a[p]![r] = c * apr - s * aqr
          a[q]![r] = s * apr + c * aqr
          const [vp, vq] = [v[p]![r]!, v[q]![r]!]
          v[p]![r] = c * vp - s * vq
          v[q]![r] = s * vp + c * vq
        }
      }
    }
    if (off === 0) break
  }
  return { values: a.map((row, i) => row[i]!), vectors: v }
}
