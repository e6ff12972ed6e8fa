/** Nodes and weights of a quadrature on [−1, 1]. */
interface Quadrature {
  readonly nodes: readonly number[]
  readonly weights: readonly number[]
}

/** Gauss-Legendre's rule with n nodes: exact for polynomials of degree 2n − 1. Newton's steps on P_n. */
function gaussLegendre(n: number): Quadrature {
  const nodes: number[] = []
  const weights: number[] = []
  for (let i = 0; i < n; i++) {
    let x = -Math.cos((Math.PI * (i + 0.75)) / (n + 0.5))
    let slope = 1
    for (let step = 0; step < 100; step++) {
      let previous = 1
      let value = x
      for (let k = 2; k <= n; k++)
        [previous, value] = [value, ((2 * k - 1) * x * value - (k - 1) * previous) / k]
      slope = (n * (x * value - previous)) / (x * x - 1)
      const next = x - value / slope
      if (Math.abs(next - x) < 1e-16) break
      x = next
    }
    nodes.push(x)
    weights.push(2 / ((1 - x * x) * slope * slope))
  }
  return { nodes, weights }
}

const RULE = /* @__PURE__ */ gaussLegendre(20)

/** ∫ f over the panels between ascending breaks, each with 20 nodes. */
export function integrate(f: (x: number) => number, breaks: readonly number[]): number {
  let total = 0
  for (let k = 1; k < breaks.length; k++) {
    const half = (breaks[k]! - breaks[k - 1]!) / 2
    if (!(half > 0)) continue
    const middle = breaks[k - 1]! + half
    let sum = 0
    for (const [i, node] of RULE.nodes.entries()) sum += RULE.weights[i]! * f(middle + half * node)
    total += sum * half
  }
  return total
}
