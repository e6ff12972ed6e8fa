import { expect, it, vi } from 'vitest'
import { experimentOf, type Part, stateOf, viewer } from '../test/experiment.ts'
import { assign, loadExperiment } from './index.ts'

const count = vi.hoisted(() => ({ hashes: 0 }))
vi.mock(import('murmurhash3js'), async (original) => {
  const { default: murmurhash3js } = await original()
  const hash32 = (text: string, seed?: number) => {
    count.hashes++
    return murmurhash3js.x86.hash32(text, seed)
  }
  return { default: { x86: { hash32 } } }
})

const layer = (toPercent: number) => ({ name: 'l', fromPercent: 0, toPercent })

it.each<[string, Part, Parameters<typeof stateOf>[1], number]>([
  ['one for the variant alone', {}, {}, 1],
  ['none for a full layer', { layer: layer(100) }, {}, 1],
  ['one for a slot', { layer: layer(99.9999) }, {}, 2],
  ['one for traffic below 100 %', {}, { trafficPercent: 99.9999 }, 2],
  ['one for a holdout', { holdout: { name: 'h', percent: 0.0001 } }, {}, 2],
  ['none to enroll nobody', {}, { trafficPercent: 0 }, 0],
  ['none once aborted', { layer: layer(50) }, { status: 'aborted' }, 0],
  ['none once shipped without a holdout', {}, { status: 'shipped', shippedVariant: 'treatment' }, 0],
])('spends a hash only where it decides: %s', (_, part, state, hashes) => {
  const experiment = experimentOf(part)
  const loaded = loadExperiment(experiment, stateOf(experiment, state))
  count.hashes = 0
  assign(loaded, viewer('user-3'))
  expect(count.hashes).toBe(hashes)
})
