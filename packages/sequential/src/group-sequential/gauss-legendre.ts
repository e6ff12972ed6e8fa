/** Nodes in (−1, 1), ascending, and their weights, which add up to 2. */
export interface QuadratureRule {
  readonly nodes: readonly number[]
  readonly weights: readonly number[]
}

/** The Gauss-Legendre rule with n nodes, exact for polynomials up to degree 2n − 1: Newton on the Legendre polynomial. */
export function gaussLegendre(n: number): QuadratureRule {
  const nodes: number[] = []
  const weights: number[] = []
  for (let i = n; i >= 1; i--) {
    let x = Math.cos((Math.PI * (i - 0.25)) / (n + 0.5))
    let slope = 0
    for (let step = 0; step < 10; step++) {
      let before = 1
      let value = x
      for (let degree = 2; degree <= n; degree++) {
        const next = ((2 * degree - 1) * x * value - (degree - 1) * before) / degree
        before = value
        value = next
      }
      slope = (n * (x * value - before)) / (x * x - 1)
      x -= value / slope
    }
    nodes.push(x)
    weights.push(2 / ((1 - x * x) * slope * slope))
  }
  return { nodes, weights }
}
