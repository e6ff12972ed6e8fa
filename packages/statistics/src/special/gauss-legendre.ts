/** Nodes in (−1, 1), ascending, and their weights, which add up to 2. */
export interface QuadratureRule {
  readonly nodes: readonly number[]
  readonly weights: readonly number[]
}

/**
 * The Gauss-Legendre rule with n ≥ 1 nodes: Σ weight · f(node) is ∫ f over [−1, 1], exactly for polynomials of degree
 * up to 2n − 1. Newton's steps on the Legendre polynomial, whose roots lie in pairs around 0.
 */
export function gaussLegendre(n: number): QuadratureRule {
  const nodes = Array.from({ length: n }, () => 0)
  const weights = Array.from({ length: n }, () => 0)
  for (let i = 0; i < n / 2; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5))
    // From Tricomi's first guess five steps reach the last digit; at 0 there is nothing to step to.
    for (let step = 0; step < 5; step++) {
      const { value, slope } = legendre(n, x)
      x -= value / slope
    }
    if (i === n - 1 - i) x = 0
    const { slope } = legendre(n, x)
    nodes[i] = -x
    nodes[n - 1 - i] = x
    weights[i] = weights[n - 1 - i] = 2 / ((1 - x * x) * slope * slope)
  }
  return { nodes, weights }
}

/** The Legendre polynomial of degree n and its slope, by Bonnet's recursion. */
function legendre(n: number, x: number): { value: number; slope: number } {
  let before = 1
  let value = x
  for (let degree = 2; degree <= n; degree++) {
    const next = ((2 * degree - 1) * x * value - (degree - 1) * before) / degree
    before = value
    value = next
  }
  return { value, slope: (n * (x * value - before)) / (x * x - 1) }
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
