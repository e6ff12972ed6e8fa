import { describe, expect, it } from 'vitest'
import { experimentOf, stateOf, type Part } from '../test/experiment.ts'
import { hashUtf8, loadExperiment, refuseEqualSeeds, seedOf } from './index.ts'

function load(part: Part) {
  const experiment = experimentOf(part)
  return loadExperiment(experiment, stateOf(experiment))
}

const refusal = (message: RegExp) =>
  expect.objectContaining({ code: 'invalid-definition', message: expect.stringMatching(message) })

it('has a seed of its own for each purpose, a small integer', () => {
  const seeds = (['holdout', 'layer', 'traffic', 'variant'] as const).map((purpose) => seedOf(purpose, 'x'))
  expect(new Set(seeds).size).toBe(4)
  for (const seed of seeds) expect(seed === seed >>> 0 && seed < 2 ** 31).toBe(true)
  expect(seedOf('traffic', 'x')).toBe(hashUtf8('traffic\0x') >>> 1)
})

describe('FAULTS 8: seeds that are equal', () => {
  // Found by search: these two names hash alike.
  const [layer, salt] = ['layer-737', 'exp-50996']

  it('are refused within an experiment, both purposes named', () => {
    expect(seedOf('layer', layer)).toBe(seedOf('variant', salt))
    expect(() => load({ salt, layer: { name: layer, fromPercent: 0, toPercent: 50 } })).toThrow(
      refusal(/the layer of "layer-737" and the variant of "exp-50996" .* another salt/),
    )
  })

  it('are refused between experiments of one salt, both named', () => {
    const both = [load({ key: 'a', salt: 's' }), load({ key: 'b', salt: 's' })]
    expect(() => refuseEqualSeeds(both)).toThrow(refusal(/"a" and the traffic of "b"/))
  })

  it('are right for one layer and one holdout in several experiments, and for one experiment loaded twice', () => {
    const slots = [
      { name: 'home', fromPercent: 0, toPercent: 50 },
      { name: 'home', fromPercent: 50, toPercent: 100 },
    ]
    const loaded = slots.map((layer, i) => load({ key: `e${i}`, layer, holdout: { name: 'h', percent: 5 } }))
    expect(() => refuseEqualSeeds([...loaded, ...loaded])).not.toThrow()
  })
})
