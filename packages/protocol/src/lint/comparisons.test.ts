import { describe, expect, it } from 'vitest'
import { parseDefinition } from '../define.ts'
import { lint } from '../lint.ts'
import { priceOfSharing } from './comparisons.ts'

const definition = {
  key: 'home-row',
  hypothesis: {
    change: 'ranking by the session model',
    population: 'viewers',
    metric: 'started',
    direction: 'increase',
    minimumLift: { relative: 0.02 },
    horizon: '14d',
  },
  unitType: 'viewer',
  variants: [
    { name: 'control', weight: 1, config: { model: 'p7', rows: 5 } },
    { name: 'model', weight: 1, config: { model: 's2', rows: 5 } },
  ],
  control: 'control',
  metrics: {
    started: { type: 'proportion', role: 'primary', direction: 'increase', window: '1d' },
    watched: { type: 'mean', role: 'secondary', direction: 'increase', window: '1d' },
  },
  analysis: { method: 'asymptotic-cs', tuneAt: 10_000 },
  ramp: { stages: [{ trafficPercent: 5, holdFor: '1h', minimumUnits: 100 }] },
}
const [control, model] = definition.variants

const CODES = new Set(['idle-arm', 'factorial', 'several-primaries', 'many-variants'])
const findings = (changes: object) =>
  lint(parseDefinition({ ...definition, ...changes })).filter(({ code }) => CODES.has(code))

describe('comparisons that are not needed', () => {
  it('are none in a plan with one change and one primary', () => {
    expect(findings({})).toEqual([])
  })

  it('are those of an arm that serves what control serves', () => {
    const same = { name: 'same', weight: 1, config: { rows: 5, model: 'p7' } }
    expect(findings({ variants: [control, model, same] })).toMatchObject([
      {
        code: 'idle-arm',
        path: 'variants[2].config',
        detail: 'same serves what control serves: the others would find as much with 0.6667 of the units.',
      },
    ])
    const newer = { ...same, treatmentVersion: 'build-8' }
    expect(findings({ variants: [control, model, newer] })).toEqual([])
    const untold = [
      { name: 'control', weight: 1 },
      { name: 'model', weight: 1 },
    ]
    expect(findings({ variants: untold })).toEqual([])
  })

  it('are those of an arm that does what two others do together', () => {
    const longer = { name: 'longer', weight: 1, config: { model: 'p7', rows: 7 } }
    const both = { name: 'both', weight: 1, config: { model: 's2', rows: 7 } }
    expect(findings({ variants: [control, model, longer, both] })).toMatchObject([
      {
        code: 'factorial',
        path: 'variants[3]',
        detail: expect.stringContaining('both does what model and longer do'),
      },
    ])
    const other = { name: 'other', weight: 1, config: { model: 's3', rows: 7 } }
    expect(findings({ variants: [control, model, longer, other] })).toEqual([])
  })

  it('are those of several primaries, at the price of their shares', () => {
    const metrics = { ...definition.metrics, watched: { ...definition.metrics.watched, role: 'primary' } }
    const analysis = { ...definition.analysis, alphaSplit: { started: 0.8, watched: 0.2 } }
    expect(findings({ metrics, analysis })).toMatchObject([
      { code: 'several-primaries', detail: expect.stringContaining('started 1.068, watched 1.488') },
    ])
  })

  it('are those of many arms, at the price of all of them', () => {
    const more = ['a', 'b', 'c', 'd'].map((name) => ({ name, weight: 1, config: { model: name, rows: 5 } }))
    expect(findings({ variants: [control, model, ...more] })).toMatchObject([
      { code: 'many-variants', detail: expect.stringContaining('it takes 4.463 times the units') },
    ])
  })
})

it('knows the price of a share of alpha', () => {
  // ((z(0.025/k) + z(0.8)) / (z(0.025) + z(0.8)))² by Python's statistics.NormalDist.
  for (const [shares, price] of [
    [1, 1],
    [2, 1.211],
    [5, 1.488],
    [10, 1.6961],
    [50, 2.1754],
  ] as const) {
    expect(Math.abs(priceOfSharing(shares) - price)).toBeLessThan(0.015)
  }
})
