import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { homeRanking } from '../../test/home-ranking.ts'
import { changed, refusalOf } from '../../test/refusal.ts'
import { parseDefinition } from '../define.ts'
import { ExperimentError } from '../error.ts'

const mean = { type: 'mean', role: 'exploratory', direction: 'increase', window: '2d' }
const ratio = { ...mean, type: 'ratio', denominator: { event: 'page-view' } }

/** Faults that do not meet each other, each with the one place that it is told at. */
const faults: readonly (readonly [path: string, (definition: any) => void])[] = [
  ['metrics.a.denominator', (d) => (d.metrics.a = { ...mean, type: 'ratio' })],
  ['metrics.b.quantile', (d) => (d.metrics.b = { ...mean, type: 'quantile' })],
  ['metrics.c.cap', (d) => (d.metrics.c = { ...ratio, cap: { upper: 1 } })],
  ['metrics.d.cap.upper', (d) => (d.metrics.d = { ...mean, cap: { lower: 2, upper: 1 } })],
  ['metrics.e.covariates[0]', (d) => (d.metrics.e = { ...mean, covariates: [{}] })],
  ['metrics.f.byDay', (d) => (d.metrics.f = { ...mean, window: '1d', byDay: true })],
  ['metrics.g.ranks', (d) => (d.metrics.g = { ...ratio, ranks: true })],
  ['metrics.k.rareEvents', (d) => (d.metrics.k = { ...mean, rareEvents: true })],
  ['metrics.h.window', (d) => (d.metrics.h = { ...mean, delay: '27d' })],
  [
    'metrics.i.practicalThreshold',
    (d) => (d.metrics.i = { ...mean, adoption: true, practicalThreshold: { relative: 1 } }),
  ],
  ['metrics.j.delay', (d) => (d.metrics.j = { ...mean, delay: '-1d' })],
  ['analysis.looks', (d) => (d.analysis.looks = [0.5, 1])],
  ['analysis.spending', (d) => (d.analysis.spending = { type: 'lan-demets-pocock' })],
  ['analysis.futility', (d) => (d.analysis.futility = {})],
  [
    'analysis.bayesian.prior',
    (d) =>
      (d.analysis = { ...d.analysis, method: 'bayesian', bayesian: { stopWhen: { chanceToBeat: 0.9 } } }),
  ],
  [
    'analysis.families.x.metrics[0]',
    (d) => (d.analysis.families = { x: { metrics: ['nobody'], method: 'holm' } }),
  ],
  [
    'dimensions.country.stratify',
    (d) => (d.dimensions = { country: { known: 'after-exposure', stratify: true } }),
  ],
]

describe('a plan with many faults', () => {
  it('tells all of them at once, and nothing else', () => {
    fc.assert(
      fc.property(fc.subarray([...faults], { minLength: 1 }), (some) => {
        const { code, problems } = refusalOf(changed((d) => some.forEach(([, spoil]) => spoil(d))))
        expect(code).toBe('invalid-definition')
        expect(problems.map(({ path }) => path).sort()).toEqual(some.map(([path]) => path).sort())
        for (const { message, remedy } of problems) expect([message, remedy]).not.toContain('')
      }),
    )
  })

  it('never throws anything but ExperimentError, whatever stands in its fields', () => {
    const odd = fc.oneof(
      fc.constantFrom(
        -1,
        0,
        1,
        0.5,
        1e308,
        '1d',
        '2d',
        'holm',
        'start-rate',
        '__proto__',
        true,
        null,
        [],
        {},
      ),
      fc.array(fc.constantFrom(0.2, 0.5, 1, null, 'watch-time')),
      fc.dictionary(
        fc.constantFrom('type', 'metrics', 'method', 'lower', 'before', 'known', 'x'),
        fc.anything(),
      ),
    )
    const fields = (names: readonly string[]) =>
      fc.dictionary(fc.constantFrom(...names), odd, { maxKeys: names.length })
    const metric = fields([
      'type',
      'aggregate',
      'denominator',
      'quantile',
      'delay',
      'cap',
      'maximumEvents',
      'covariates',
      'byDay',
      'ranks',
      'adoption',
      'whenMissing',
      'practicalThreshold',
    ])
    const analysis = fields([
      'method',
      'looks',
      'spending',
      'futility',
      'bayesian',
      'attempts',
      'families',
      'maximumUnits',
      'tuneAt',
      'alphaSplit',
    ])
    fc.assert(
      fc.property(metric, analysis, odd, odd, (metric, analysis, dimensions, cluster) => {
        const data = {
          ...homeRanking,
          metrics: { ...homeRanking.metrics, x: { ...mean, ...metric } },
          analysis: { ...homeRanking.analysis, ...analysis },
          dimensions,
          cluster,
        }
        try {
          parseDefinition(data)
        } catch (error) {
          expect(error).toBeInstanceOf(ExperimentError)
          expect((error as ExperimentError).problems.length).toBeGreaterThan(0)
        }
      }),
      { numRuns: 500 },
    )
  })
})
