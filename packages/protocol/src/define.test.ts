import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { homeRanking } from '../test/home-ranking.ts'
import { changed, problemsOf, refusalOf } from '../test/refusal.ts'
import { defineExperiment, parseDefinition } from './define.ts'
import { ExperimentError } from './error.ts'
import type { ExperimentDefinition } from './experiment.ts'

describe('defineExperiment', () => {
  it('writes out every default and freezes what it seals', () => {
    const experiment = defineExperiment(homeRanking)
    expect(experiment).toMatchObject({
      schemaVersion: 1,
      salt: 'home-ranking',
      whenStateLapses: 'serve-control',
      analysis: {
        alpha: 0.05,
        falseAbortAlpha: 0.05,
        crossover: 'exclude',
        maximumLateness: '1m',
        sampleRatio: { alpha: 0.001, concentration: 10_000 },
      },
      metrics: {
        'start-rate': { event: 'start-rate', column: 'start-rate', whenMissing: 'zero', version: 1 },
        'watch-time': { aggregate: 'sum', whenMissing: 'zero' },
        latency: { aggregate: 'mean', whenMissing: 'exclude' },
      },
    })
    expect(experiment.guardrails[0]).toMatchObject({
      evidence: { minimumUnits: 200, maximumDataAge: '10m', maximumLoss: 0.01, maximumHold: '24h' },
      hardLimit: { worst: 0.2, minimumUnits: 10 },
    })
    expect(experiment.metrics['start-rate']).not.toHaveProperty('aggregate')
    expect(experiment.fingerprint).toMatch(/^[0-9a-f]{64}$/)
    expect(() => Object.assign(experiment.variants[0]!, { weight: 9 })).toThrow(TypeError)
    expect(Object.isFrozen(experiment.analysis.sampleRatio)).toBe(true)
  })

  it('leaves the definition as it was given', () => {
    const definition = structuredClone(homeRanking)
    defineExperiment(definition as ExperimentDefinition)
    expect(definition).toEqual(homeRanking)
    expect(Object.isFrozen(definition)).toBe(false)
  })

  it('accepts every field that there is', () => {
    const experiment = parseDefinition({
      ...homeRanking,
      $schema: './experiment.v1.json',
      schemaVersion: 1,
      salt: 'home-ranking-2',
      layer: { name: 'home', fromPercent: 0, toPercent: 33.3333 },
      holdout: { name: '2026', percent: 2.5 },
      eligibility: {
        all: [
          { attribute: 'country', in: ['DE', 'FR'] },
          { attribute: 'age', range: { from: 18 } },
          {
            not: {
              any: [
                { attribute: 'app', semver: '>=2.1.0 <3.0.0-rc.1' },
                { attribute: 'kid', present: true },
              ],
            },
          },
          { attribute: 'plan', equals: null },
        ],
      },
      whenStateLapses: 'keep-serving',
      cluster: { unitType: 'household', attribute: 'householdId' },
      costs: { currency: 'EUR', badLaunch: 1e6, missedGainPerDay: 100, abort: 0 },
      externalEvents: [{ name: 'final', from: 1, to: 2 }],
      excludeExposedTo: ['other'],
    })
    expect(experiment).not.toHaveProperty('$schema')
    expect(experiment.layer?.toPercent).toBe(33.3333)
  })

  it.each(['change', 'population', 'metric', 'direction', 'minimumLift', 'horizon'])(
    'names the part of the hypothesis that is missing: %s',
    (part) => {
      const problems = problemsOf(changed((definition) => delete definition.hypothesis[part]))
      expect(problems).toEqual([`hypothesis.${part}: Is missing.`])
    },
  )

  it('lists every problem at once, of shape and of sense, each with its value and remedy', () => {
    const error = refusalOf(
      changed((definition) => {
        delete definition.hypothesis.population
        definition.control = 'contorl'
        definition.variants[1].weight = 0.5
        definition.guardrails[0].metric = 'start-rat'
        definition.guardrials = []
        definition.metrics['watch-time'].window = '60d'
        definition.analysis.alpha = 0.9
      }),
    )
    expect(error.code).toBe('invalid-definition')
    expect(error.message).toMatchInlineSnapshot(`
      "The definition of "home-ranking" has 7 problems.
        hypothesis.population: Is missing. For whom, e.g. "signed-in viewers on television".
        variants[1].weight: Must be a whole number, not 0.5. The weights: 1 + 0.5 = 1.5. A whole number of 1 or more; arms share units in the ratio of their weights, e.g. 1 and 1.
        analysis.alpha: Must be at most 0.5, not 0.9. Two-sided error of the primary comparison over all looks. Default 0.05.
        guardrials: Is not a field here. Did you mean guardrails?
        control: "contorl" is not a variant. Did you mean control?
        metrics.watch-time.window: The window 60d is longer than the horizon 28d, so that no unit's would close in time. Shorten the window or move hypothesis.horizon.
        guardrails[0].metric: "start-rat" is not a metric. Did you mean start-rate?
      Mend what is listed and define it again; nothing has been started."
    `)
    for (const problem of error.problems) {
      expect(error.message).toContain(problem.path)
      expect(problem.remedy).not.toBe('')
    }
    expect(error.problems.find(({ path }) => path === 'control')?.value).toBe('contorl')
  })

  it('does not blame a part for another that is missing', () => {
    const { variants: _v, metrics: _m, ...rest } = homeRanking
    expect(problemsOf(rest)).toEqual(['variants: Is missing.', 'metrics: Is missing.'])
    expect(problemsOf(changed((definition) => definition.variants.pop()))).toHaveLength(1)
    const misspelt = changed((definition) => (definition.metrics.latency.type = 'meen'))
    expect(problemsOf(misspelt)).toEqual([
      'metrics.latency.type: Must be "proportion" or "count" or "mean" or "ratio" or "quantile", not "meen".',
    ])
  })

  it('seals what it has sealed to the same fingerprint', () => {
    const { fingerprint, ...sealed } = defineExperiment(homeRanking)
    expect(parseDefinition(sealed)).toEqual({ ...sealed, fingerprint })
  })

  it('refuses a cycle without an endless walk', () => {
    const config: { self?: unknown } = {}
    config.self = config
    const [problem] = problemsOf(changed((definition) => (definition.variants[0].config = config)))
    expect(problem).toContain('levels deep')
  })

  it('says what belongs there when the whole is something else', () => {
    expect(refusalOf('key: x').message).toContain('A definition is an object, not "key: x".')
    expect(refusalOf(null).message).toContain('A definition is an object, not null.')
    expect(refusalOf(undefined).message).toContain('definition: Is of type undefined')
    expect(refusalOf([]).code).toBe('invalid-definition')
    expect(refusalOf({}).problems.length).toBeGreaterThan(6)
  })

  it('never throws anything but ExperimentError, whatever it is given', () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true })
    const spoiled = fc
      .tuple(fc.constantFrom(...Object.keys(homeRanking)), anything)
      .map(([field, value]) => ({
        ...homeRanking,
        [field]: value,
      }))
    fc.assert(
      fc.property(fc.oneof(anything, spoiled), (data) => {
        try {
          parseDefinition(data)
        } catch (error) {
          expect(error).toBeInstanceOf(ExperimentError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
