import { describe, expect, it } from 'vitest'
import { changed, problemsOf, refusalOf } from '../../test/refusal.ts'
import { parseDefinition } from '../define.ts'

/** The fixture with one more metric. */
const withMetric = (fields: object, more: (definition: any) => void = () => {}) =>
  changed((definition) => {
    definition.metrics.x = {
      type: 'mean',
      role: 'exploratory',
      direction: 'increase',
      window: '2d',
      ...fields,
    }
    more(definition)
  })

const pages = { denominator: { event: 'page-view' } }
const household = (d: any) => (d.cluster = { unitType: 'household', attribute: 'householdId' })

describe('the fields of a metric', () => {
  it.each<[string, object, string]>([
    ['a ratio per nothing', { type: 'ratio' }, 'denominator: Nothing says what the ratio is per.'],
    ['a mean per something', pages, 'denominator: A mean is per unit.'],
    ['a quantile without one', { type: 'quantile' }, 'quantile: Nothing says which quantile.'],
    [
      'a count at a quantile',
      { type: 'count', quantile: 0.5 },
      'quantile: A count is not compared at a quantile.',
    ],
    ['a fold of a count', { type: 'count', aggregate: 'sum' }, 'aggregate: A count has nothing to fold.'],
    [
      'a fold of a ratio',
      { type: 'ratio', ...pages, aggregate: 'sum' },
      'aggregate: A ratio always sums, above and below.',
    ],
    [
      'a cap of a proportion',
      { type: 'proportion', cap: { upper: 1 } },
      'cap: A proportion is 0 or 1 of every unit already.',
    ],
    [
      'a cap of a quantile',
      { type: 'quantile', quantile: 0.9, cap: { upper: 9 } },
      'cap: A quantile does not feel how far out the outermost lie.',
    ],
    [
      'a cap of a ratio',
      { type: 'ratio', ...pages, cap: { upper: 9 } },
      'cap: A ratio has two numbers a unit, and a limit on one of them makes another ratio.',
    ],
    ['a cap of nothing', { cap: {} }, 'cap: The cap has neither bound.'],
    [
      'a cap upside down',
      { cap: { lower: 5, upper: 5 } },
      'cap.upper: The cap from 5 to 5 leaves no two numbers apart.',
    ],
    [
      'a maximum of one event',
      { type: 'proportion', maximumEvents: 3 },
      'maximumEvents: A proportion looks for one event, and more change nothing.',
    ],
    [
      'the last of the first',
      { aggregate: 'last', maximumEvents: 3 },
      'maximumEvents: The earliest events count first, so that the last would be left out.',
    ],
    [
      'no ratio left out',
      { type: 'ratio', ...pages, whenMissing: 'exclude' },
      'whenMissing: A unit without outcomes adds nothing to either sum of a ratio: there is nobody to leave out.',
    ],
    [
      'a quantile of zeros',
      { type: 'quantile', quantile: 0.9, whenMissing: 'zero' },
      'whenMissing: The mean of no values is not zero.',
    ],
    [
      'a delayed window past the end',
      { window: '20d', delay: '10d' },
      "window: The window 20d ends 10d + 20d after the exposure, past the horizon 28d, so that no unit's would close in time.",
    ],
    [
      'covariates of a quantile',
      { type: 'quantile', quantile: 0.9, covariates: [{ before: '14d' }] },
      'covariates: A quantile is no mean, out of which a regression could take them.',
    ],
    [
      'a covariate from nowhere',
      { covariates: [{ event: 'x' }] },
      'covariates[0]: Nothing says where the covariate is found.',
    ],
    [
      'a covariate twice',
      { covariates: [{ before: '14d' }, { event: 'x', before: '14d' }] },
      'covariates[1]: The covariate is there already.',
    ],
    [
      'days of hours',
      { window: '36h', byDay: true },
      'byDay: The window 36h is 1.5 days, and a slope needs two whole ones or more.',
    ],
    [
      'days of a ratio',
      { type: 'ratio', ...pages, byDay: true },
      'byDay: A ratio has no number of a unit and a day that adds up.',
    ],
    [
      'ranks of two values',
      { type: 'proportion', ranks: true },
      'ranks: A proportion has two values, of which ranks tell no more than the rates.',
    ],
    [
      'ranks of a ratio',
      { type: 'ratio', ...pages, ranks: true },
      'ranks: A ratio has no number of one unit to rank.',
    ],
    ['rare events of a mean', { rareEvents: true }, 'rareEvents: A mean is no number of events.'],
    [
      'rare events and covariates',
      { type: 'proportion', rareEvents: true, covariates: [{ before: '14d' }] },
      'covariates: Rare events are compared by how many there are in each arm, and by nothing else.',
    ],
    [
      'rare events by day',
      { type: 'proportion', rareEvents: true, byDay: true },
      'byDay: Rare events are compared by how many there are in each arm, and by nothing else.',
    ],
    [
      'rare events under a cap',
      { type: 'count', rareEvents: true, cap: { upper: 3 } },
      'cap: Rare events are compared by how many there are in each arm, and by nothing else.',
    ],
    [
      'rare events by ranks',
      { type: 'count', rareEvents: true, ranks: true },
      'ranks: Rare events are compared by how many there are in each arm, and by nothing else.',
    ],
    [
      'a difference of rare events that pays',
      { type: 'count', rareEvents: true, practicalThreshold: { absolute: 1 } },
      'practicalThreshold: Rare events bound the ratio of two rates, and no difference.',
    ],
    [
      'ranks of a quantile',
      { type: 'quantile', quantile: 0.9, ranks: true },
      'ranks: A quantile is told by ranks already.',
    ],
  ])('refuses %s', (_, fields, problem) => {
    const { problems } = refusalOf(withMetric(fields))
    expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([`metrics.x.${problem}`])
    expect(problems[0]!.remedy).toMatch(/[.?]$/)
  })

  it.each<[string, object]>([
    [
      'a ratio with covariates',
      { type: 'ratio', ...pages, covariates: [{ before: '14d' }, { column: 'age' }] },
    ],
    ['a median', { type: 'quantile', quantile: 0.5, aggregate: 'max' }],
    ['a capped count by day and by ranks', { type: 'count', cap: { upper: 50 }, byDay: true, ranks: true }],
    [
      'what is switched off',
      { type: 'proportion', ranks: false, byDay: false, adoption: false, window: '1h' },
    ],
    ['a delay that just fits', { window: '20d', delay: '8d', maximumEvents: 100 }],
    ['adoption', { type: 'proportion', adoption: true }],
    ['rare events', { type: 'proportion', rareEvents: true, practicalThreshold: { relative: 0.2 } }],
    ['rare events of a count', { type: 'count', rareEvents: true, maximumEvents: 1 }],
  ])('accepts %s, and what it has sealed', (_, fields) => {
    const { fingerprint, ...sealed } = parseDefinition(withMetric(fields))
    expect(parseDefinition(sealed).fingerprint).toBe(fingerprint)
  })

  it('compares no adoption', () => {
    const adoption = {
      type: 'count',
      adoption: true,
      ranks: true,
      byDay: true,
      practicalThreshold: { relative: 1 },
    }
    expect(
      problemsOf(
        withMetric({ ...adoption, covariates: [{ before: '1d' }], role: 'guardrail' }, (d) =>
          d.guardrails.push({ metric: 'x', margin: { relative: 1 }, action: 'hold' }),
        ),
      ),
    ).toEqual([
      'metrics.x.adoption: The metric has the role guardrail, and adoption exists in treatment arms only: there is nothing to compare.',
      'metrics.x.covariates: An adoption metric is never compared.',
      'metrics.x.byDay: An adoption metric is never compared.',
      'metrics.x.ranks: An adoption metric is never compared.',
      'metrics.x.practicalThreshold: An adoption metric is never compared.',
      'guardrails[2].metric: "x" is an adoption metric: control does not have it, so that no arm can be worse.',
    ])
  })

  it('guards rare events by a relative margin', () => {
    const guarded = (margin: object) =>
      withMetric({ type: 'proportion', rareEvents: true }, (d) =>
        d.guardrails.push({ metric: 'x', margin, action: 'abort' }),
      )
    expect(parseDefinition(guarded({ relative: 0.5 })).guardrails).toHaveLength(3)
    const { problems } = refusalOf(guarded({ absolute: 0.01 }))
    expect(problems).toMatchObject([
      { path: 'guardrails[2].margin', remedy: expect.stringContaining('Give a relative margin') },
    ])
  })

  it.each([
    ['group-sequential', { maximumUnits: 9_000 }],
    ['hybrid', { maximumUnits: 9_000 }],
    ['fixed-horizon', { maximumUnits: 9_000 }],
    [
      'bayesian',
      {
        tuneAt: 9_000,
        bayesian: {
          prior: { scale: 'relative', mean: 0, standardDeviation: 0.1 },
          stopWhen: { chanceToBeat: 0.9 },
        },
      },
    ],
  ])('decides no primary by rare events under %s', (method, analysis) => {
    const primary = (plan: object) =>
      changed((d) => {
        d.metrics['start-rate'].rareEvents = true
        Object.assign(d, { analysis: plan })
      })
    expect(problemsOf(primary({ method, ...analysis }))).toEqual([
      `metrics.start-rate.rareEvents: The method ${method} decides a primary metric by its means, not by rare events.`,
    ])
    expect(parseDefinition(primary({ method: 'asymptotic-cs', tuneAt: 9_000 })).fingerprint).toBeDefined()
  })

  it('asks for a partner of an adoption metric that would be primary', () => {
    const { problems } = refusalOf(changed((d) => (d.metrics['start-rate'].adoption = true)))
    expect(problems[0]!.path).toBe('metrics.start-rate.adoption')
    expect(problems[0]!.remedy).toContain('Name a partner metric that both arms have as primary')
  })

  it('takes no units of one cluster for independent', () => {
    expect(problemsOf(withMetric({ ranks: true, byDay: true }, household))).toEqual([
      'metrics.x.ranks: Ranks would take the units of one cluster for independent.',
      "metrics.x.byDay: The units' slopes over the days would take the units of one cluster for independent.",
    ])
    expect(problemsOf(withMetric({ type: 'count', rareEvents: true }, household))).toEqual([
      'metrics.x.rareEvents: A count of all events would take the units of one cluster for independent.',
    ])
    expect(problemsOf(withMetric({ type: 'quantile', quantile: 0.5 }, household))).toEqual([
      'metrics.x.type: The spread of a quantile would take the units of one cluster for independent.',
    ])
    expect(parseDefinition(withMetric({ type: 'ratio', ...pages }, household)).cluster).toBeDefined()
  })
})
