import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { homeRanking } from '../test/home-ranking.ts'
import { canonicalJson } from './canonical-json.ts'
import { defineExperiment, parseDefinition } from './define.ts'
import { fingerprint } from './fingerprint.ts'

describe('fingerprint', () => {
  it('is what node:crypto makes of the canonical JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const expected = createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex')
        expect(fingerprint(value)).toBe(expected)
      }),
    )
    expect(fingerprint({ name: 'é😀\ud800' })).toBe(
      createHash('sha256').update('{"name":"é😀\\ud800"}', 'utf8').digest('hex'),
    )
  })

  it('of a definition does not depend on the order of its keys', () => {
    const shuffled = Object.fromEntries(Object.entries(homeRanking).reverse())
    expect(parseDefinition(shuffled).fingerprint).toBe(defineExperiment(homeRanking).fingerprint)
  })

  it('of the fixture is pinned: another one would orphan every running trial', () => {
    expect(defineExperiment(homeRanking).fingerprint).toMatchInlineSnapshot(
      `"9ec023c0e9ec1308cfae14e1b098828f936645690d1440e6af9e6f63902e3ec6"`,
    )
  })

  it('FAULTS 50: covers every part of a metric but its description', () => {
    const { fingerprint: original } = defineExperiment(homeRanking)
    const withLatency = (change: object) =>
      parseDefinition({
        ...homeRanking,
        metrics: { ...homeRanking.metrics, latency: { ...homeRanking.metrics.latency, ...change } },
      }).fingerprint
    const changes = [
      { window: '11m' },
      { aggregate: 'max' },
      { event: 'first-frame' },
      { column: 'ms' },
      { direction: 'increase' },
      { version: 2 },
      { practicalThreshold: { absolute: 1 } },
      { type: 'count', aggregate: undefined },
    ]
    const fingerprints = changes.map(withLatency)
    expect(new Set([original, ...fingerprints]).size).toBe(changes.length + 1)
    expect(withLatency({ description: 'Time to the first frame.' })).toBe(original)
  })
})
