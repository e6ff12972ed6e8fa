import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareDefinitions } from './compare.ts'
import { defineExperiment, parseDefinition } from './define.ts'
import { ExperimentError } from './error.ts'
import type { ExperimentDefinition } from './experiment.ts'
import { homeRanking } from '../test/home-ranking.ts'

/** What defining says is wrong. */
function refusalOf(data: unknown): ExperimentError {
  try {
    parseDefinition(data)
  } catch (error) {
    if (error instanceof ExperimentError) return error
    throw error
  }
  throw new Error('was not refused')
}

const problemsOf = (data: unknown) =>
  refusalOf(data).problems.map(({ path, message }) => `${path}: ${message}`)

/** The fixture with something changed in it. */
function changed(change: (definition: any) => void): ExperimentDefinition {
  const definition = structuredClone(homeRanking)
  change(definition)
  return definition
}

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
        maximumLateness: '0s',
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

  const wrong: [string, (definition: any) => void, string][] = [
    ['one variant', (d) => d.variants.pop(), 'variants: Must be at least 2 items'],
    [
      'a name twice',
      (d) => (d.variants[1].name = 'control'),
      'variants[1].name: "control" is a variant already.',
    ],
    [
      'a value twice',
      (d) => (d.variants[1].value = 'control'),
      'variants[1].value: "control" stands for another',
    ],
    [
      'an unknown metric',
      (d) => (d.hypothesis.metric = 'start'),
      'hypothesis.metric: "start" is not a metric.',
    ],
    [
      'two primaries',
      (d) => (d.metrics['watch-time'].role = 'primary'),
      'metrics: 2 metrics have the role primary',
    ],
    [
      'no primary',
      (d) => (d.metrics['start-rate'].role = 'secondary'),
      'metrics: No metric has the role primary.',
    ],
    [
      'a hypothesis on a secondary',
      (d) => (d.hypothesis.metric = 'watch-time'),
      'hypothesis.metric: "watch-time" has the role secondary.',
    ],
    [
      'another direction',
      (d) => (d.hypothesis.direction = 'decrease'),
      'hypothesis.direction: The hypothesis says decrease',
    ],
    [
      'an unguarded guardrail',
      (d) => d.guardrails.pop(),
      'metrics.latency.role: "latency" has the role guardrail, and no',
    ],
    [
      'two guardrails on one',
      (d) => (d.guardrails[1].metric = 'start-rate'),
      'guardrails[1].metric: "start-rate" has a guardrail already.',
    ],
    [
      'a margin of zero',
      (d) => (d.guardrails[0].margin = { relative: 0 }),
      'guardrails[0].margin.relative: Must be more than 0, not 0.',
    ],
    [
      'a margin of two kinds',
      (d) => (d.guardrails[0].margin = { relative: 1, absolute: 1 }),
      'guardrails[0].margin.relative: Is not a field here.',
    ],
    [
      'an unknown action',
      (d) => (d.guardrails[0].action = 'kill'),
      'guardrails[0].action: Must be "abort" or "hold" or "alert", not "kill".',
    ],
    [
      'no lift',
      (d) => (d.hypothesis.minimumLift = { absolute: -1 }),
      'hypothesis.minimumLift.absolute: Must be more than 0, not -1.',
    ],
    [
      'a window of nothing',
      (d) => (d.metrics.latency.window = '0s'),
      'metrics.latency.window: Must be longer than nothing.',
    ],
    [
      'a duration without a unit',
      (d) => (d.hypothesis.horizon = '14'),
      'hypothesis.horizon: Must be a length of time',
    ],
    ['alpha 0', (d) => (d.analysis.alpha = 0), 'analysis.alpha: Must be more than 0, not 0.'],
    ['tuneAt 0', (d) => (d.analysis.tuneAt = 0), 'analysis.tuneAt: Must be more than 0, not 0.'],
    [
      'a shrinking ramp',
      (d) => (d.ramp.stages[1].trafficPercent = 5),
      'ramp.stages[1].trafficPercent: 5 does not come after 5',
    ],
    [
      'five decimals',
      (d) => (d.ramp.stages[0].trafficPercent = 1.00001),
      'ramp.stages[0].trafficPercent: Must have at most four decimals',
    ],
    [
      'more than all',
      (d) => (d.ramp.stages[1].trafficPercent = 101),
      'ramp.stages[1].trafficPercent: Must be at most 100, not 101.',
    ],
    [
      'an empty slot',
      (d) => (d.layer = { name: 'a', fromPercent: 5, toPercent: 5 }),
      'layer.toPercent: The slot [5, 5) holds no unit.',
    ],
    [
      'zero for a mean of none',
      (d) => (d.metrics.latency.whenMissing = 'zero'),
      'metrics.latency.whenMissing: The mean of no values is not zero.',
    ],
    [
      'a fold of a proportion',
      (d) => (d.metrics['start-rate'].aggregate = 'max'),
      'metrics.start-rate.aggregate: A proportion has nothing to fold.',
    ],
    [
      'a share of a stranger',
      (d) => (d.analysis.alphaSplit = { 'start-rate': 1, x: 0.1 }),
      'analysis.alphaSplit.x: "x" is not a metric.',
    ],
    [
      'shares past one',
      (d) => {
        d.metrics['watch-time'].role = 'primary'
        d.analysis.alphaSplit = { 'start-rate': 0.7, 'watch-time': 0.5 }
      },
      'analysis.alphaSplit: The shares 0.7 + 0.5 = 1.2 pass 1.',
    ],
    [
      'a primary without a share',
      (d) => {
        d.metrics['watch-time'].role = 'primary'
        d.analysis.alphaSplit = { 'start-rate': 0.7 }
      },
      'analysis.alphaSplit.watch-time: The primary metric "watch-time" has no share.',
    ],
    [
      'a range without numbers',
      (d) => (d.eligibility = { attribute: 'age', range: { from: 2, below: 1 } }),
      'eligibility.range: Holds no number',
    ],
    [
      'half a version',
      (d) => (d.eligibility = { not: { attribute: 'app', semver: '>=2' } }),
      'eligibility.not.semver: Must be comparators',
    ],
    ['a misspelt condition', (d) => (d.eligibility = { attribute: 'app', equal: 2 }), 'eligibility'],
    [
      'itself excluded',
      (d) => (d.excludeExposedTo = ['home-ranking']),
      'excludeExposedTo[0]: Is this trial itself.',
    ],
    [
      'an event backwards',
      (d) => (d.externalEvents = [{ name: 'x', from: 2, to: 1 }]),
      'externalEvents[0].to: Ends before it begins.',
    ],
    ['a key with spaces', (d) => (d.key = 'home ranking'), 'key: Must be 1 to 128 of the characters'],
    [
      'a Date',
      (d) => (d.variants[0].config = { at: new Date(0) }),
      'variants[0].config.at: Is an instance of a class.',
    ],
    [
      'a function',
      (d) => (d.variants[0].config = { at: () => 1 }),
      'variants[0].config.at: A function is not data.',
    ],
  ]
  it.each(wrong)('refuses %s', (_, change, problem) => {
    const problems = problemsOf(changed(change))
    expect(
      problems.some((text) => text.startsWith(problem)),
      problems.join('\n'),
    ).toBe(true)
  })

  it('does not blame a part for another that is missing', () => {
    const { variants: _v, metrics: _m, ...rest } = homeRanking
    expect(problemsOf(rest)).toEqual(['variants: Is missing.', 'metrics: Is missing.'])
    expect(problemsOf(changed((definition) => definition.variants.pop()))).toHaveLength(1)
    const misspelt = changed((definition) => (definition.metrics.latency.type = 'meen'))
    expect(problemsOf(misspelt)).toEqual([
      'metrics.latency.type: Must be "proportion" or "count" or "mean", not "meen".',
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
    expect(refusalOf(undefined).message).toContain('A definition is an object, not null.')
    expect(refusalOf([]).code).toBe('invalid-definition')
    expect(refusalOf({}).problems.length).toBeGreaterThan(6)
  })

  const reserved = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf']
  it.each(reserved)('FAULTS 4: %s is no name of a trial, a variant, a metric or a field', (name) => {
    const asKey = JSON.parse(JSON.stringify({ ...homeRanking, key: name }))
    const asVariant = changed((definition) => (definition.variants[1].name = name))
    const metrics = `{"${name}": ${JSON.stringify(homeRanking.metrics.latency)}}`
    const asMetric = { ...homeRanking, metrics: { ...homeRanking.metrics, ...JSON.parse(metrics) } }
    // Object spread copies an own __proto__ as an own property, as JSON.parse makes it.
    const asField = JSON.parse(`{"${name}": {"x": 1}, ${JSON.stringify(homeRanking).slice(1)}`)
    expect(problemsOf(asKey)).toEqual([expect.stringContaining('key: Is a name that every')])
    expect(problemsOf(asVariant)).toContainEqual(
      expect.stringContaining('variants[1].name: Is a name that every'),
    )
    expect(problemsOf(asMetric)).toContainEqual(
      expect.stringMatching(new RegExp(`metrics.${name}: Is a name`)),
    )
    expect(problemsOf(asField)).toContainEqual(expect.stringContaining(`${name}: Is`))
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })

  it('FAULTS 1: a definition that breaks off anywhere is refused, or told from the whole', () => {
    const whole = parseDefinition(homeRanking)
    let refused = 0
    for (const cut of cuts(homeRanking)) {
      try {
        expect(compareDefinitions(whole, parseDefinition(cut)).kind).not.toBe('same')
      } catch (error) {
        expect(error).toBeInstanceOf(ExperimentError)
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(60)
  })

  it('FAULTS 5: weights that are no positive whole numbers are refused with the arithmetic', () => {
    for (const weight of [-1, 0, 0.5, Number.NaN, '1', null]) {
      const error = refusalOf(changed((definition) => (definition.variants[1].weight = weight)))
      expect(error.problems).toContainEqual(
        expect.objectContaining({
          path: 'variants[1].weight',
          message: expect.stringContaining(`The weights: 1 + ${Number(weight ?? Number.NaN)} = `),
        }),
      )
    }
    const zero = refusalOf(changed((d) => d.variants.forEach((variant: any) => (variant.weight = 0))))
    expect(zero.problems).toHaveLength(2)
    const small = refusalOf(changed((definition) => (definition.variants[1].weight = 3_000_000)))
    expect(small.message).toContain('1 of 3000001 is 0.33333322222225925 of 1000000 buckets')
    const large = refusalOf(
      changed((d) => d.variants.forEach((variant: any) => (variant.weight = Number.MAX_SAFE_INTEGER))),
    )
    expect(large.message).toContain('9007199254740991 + 9007199254740991 = 18014398509481982 pass')
  })

  it('FAULTS 5: positive whole numbers of any sum are weights, and 100 variants are the most', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 2, maxLength: 100 })
    const withWeights = (list: readonly number[]) =>
      changed((definition) => {
        definition.control = 'v0'
        definition.variants = list.map((weight, index) => ({ name: `v${index}`, weight }))
      })
    fc.assert(
      fc.property(weights, (list) => {
        expect(parseDefinition(withWeights(list)).variants.map(({ weight }) => weight)).toEqual(list)
      }),
      { numRuns: 50 },
    )
    expect(problemsOf(withWeights(Array(101).fill(1)))).toContainEqual(
      'variants: Must be at most 100 items, not a list of 101.',
    )
  })

  it('FAULTS 9: a definition of a later major version is refused by name', () => {
    const error = refusalOf({ ...homeRanking, schemaVersion: 2, someLaterField: true })
    expect(error.code).toBe('unsupported-version')
    expect(error.message).toContain('schemaVersion 2')
  })

  it('FAULTS 9: a field that is not known is an error, and the nearest known one is named', () => {
    const error = refusalOf({ ...homeRanking, eligiblity: { attribute: 'a', present: true } })
    expect(error.problems).toEqual([
      expect.objectContaining({ path: 'eligiblity', remedy: 'Did you mean eligibility?' }),
    ])
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

/** What is left of a document, as YAML that was cut after any of its lines. */
function* cuts(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return
  const entries = Object.entries(value)
  const whole = (kept: [string, unknown][]) =>
    Array.isArray(value) ? kept.map(([, item]) => item) : Object.fromEntries(kept)
  for (const [index, [name, part]] of entries.entries()) {
    const before = entries.slice(0, index)
    yield whole(before)
    for (const cut of cuts(part)) yield whole([...before, [name, cut]])
  }
}
