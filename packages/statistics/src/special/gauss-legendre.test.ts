import { expect, it } from 'vitest'
import { gaussLegendre } from '../index.ts'

it('has the rules of one, two and three nodes', () => {
  expect(gaussLegendre(1)).toEqual({ nodes: [0], weights: [2] })
  const two = gaussLegendre(2)
  expect(two.nodes[1]).toBeCloseTo(Math.sqrt(1 / 3), 15)
  expect(two.weights[0]).toBeCloseTo(1, 15)
  const three = gaussLegendre(3)
  expect(three.nodes[2]).toBeCloseTo(Math.sqrt(0.6), 15)
  expect(three.weights[1]).toBeCloseTo(8 / 9, 15)
})

it('integrates polynomials of degree up to 2n − 1 exactly, from ascending nodes', () => {
  for (const n of [1, 2, 5, 16, 20, 61]) {
    const { nodes, weights } = gaussLegendre(n)
    expect(nodes).toEqual(nodes.toSorted((a, b) => a - b))
    for (let degree = 0; degree < 2 * n; degree++) {
      const sum = nodes.reduce((total, node, i) => total + weights[i]! * node ** degree, 0)
      expect(Math.abs(sum - (degree % 2 === 0 ? 2 / (degree + 1) : 0))).toBeLessThan(2e-14)
    }
  }
})
