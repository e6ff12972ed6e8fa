import { describe, expect, it } from 'vitest'
import { fairtrial, folderWith } from '../../test/terminal.ts'

const plan = {
  key: 'home-ranking',
  hypothesis: {
    change: 'ranking the home row by the session model',
    population: 'signed-in viewers',
    metric: 'watched',
    direction: 'increase',
    minimumLift: { relative: 0.05 },
    horizon: '10d',
  },
  unitType: 'viewer',
  variants: [
    { name: 'control', weight: 1 },
    { name: 'model', weight: 1 },
  ],
  control: 'control',
  metrics: {
    watched: {
      type: 'mean',
      role: 'primary',
      direction: 'increase',
      window: '1h',
      baseline: { mean: 20, variance: 400 },
    },
    started: {
      type: 'proportion',
      role: 'guardrail',
      direction: 'increase',
      window: '1h',
      baseline: { mean: 0.8, variance: 0.16 },
    },
  },
  guardrails: [
    { metric: 'started', margin: { absolute: 0.05 }, action: 'abort', evidence: { maximumHold: '10d' } },
  ],
  analysis: { method: 'asymptotic-cs', tuneAt: 20_000, expectedUnitsPerDay: 2_000 },
  ramp: { stages: [{ trafficPercent: 100, holdFor: '6h', minimumUnits: 100 }] },
}

const simulate = (definition: object, ...args: string[]) => {
  const path = folderWith({ 'trial.json': JSON.stringify(definition) })
  return fairtrial(['simulate', path('trial.json'), ...args])
}

describe('simulate', () => {
  it('tells a sound plan from what it promises, in worlds of known truth', async () => {
    const { code, stderr, document } = await simulate(plan, '--trials', '200', '--look-every', '8h', '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(document).toMatchObject({
      schema: 'fairtrial.simulation/1',
      experiment: 'home-ranking',
      traffic: { unitsPerDay: 2_000, lookEveryMs: 28_800_000 },
    })
    const [none, lift, harm] = document.scenarios
    expect([none, lift, harm].map(({ scenario }) => scenario)).toEqual(['no effect', 'smallest lift', 'harm'])
    for (const { trials, shipped, aborted, stopped } of document.scenarios) {
      expect(trials).toBe(200)
      expect(shipped.value + aborted.value + stopped.value).toBeCloseTo(1, 12)
    }
    // In 99.9 % of tables of 200 trials: 2.5 % at most 13 times, 5 % at most 20 times.
    expect(none.shipped.value).toBeLessThanOrEqual(13 / 200)
    expect(none.aborted.value).toBeLessThanOrEqual(20 / 200)
    for (const metric of ['watched', 'started']) {
      // 25 of 200 would be off: P(X ≥ 25) = 2.6e-5 at 5 %.
      expect(none.falsePositives[metric]).toMatchObject({ isOff: false })
      expect(none.falsePositives[metric].value).toBeLessThan(25 / 200)
    }
    expect(lift).not.toHaveProperty('falsePositives')
    expect(none.treatedBeforeAbort === null).toBe(none.aborted.value === 0)
    // 20,000 units find 5 % of 20 with sd 20: 3.5 standard errors in a fixed test.
    expect(lift.shipped.value).toBeGreaterThan(0.5)
    expect(harm.aborted.value).toBeGreaterThan(0.9)
    expect(harm.treatedBeforeAbort.value).toBeGreaterThan(100)
    expect(harm.treatedBeforeAbort.value).toBeLessThan(harm.treatedBeforeAbort.worstOfTen)
    expect(harm.rules[0].rule).toBe('guardrail-breach')
  })

  it('answers the same whatever the number of workers, and something else for another seed', async () => {
    const answer = async (...args: string[]) =>
      (await simulate(plan, '--trials', '30', '--look-every', '1d', '--json', ...args)).document.scenarios
    const alone = await answer('--workers', '1')
    expect(await answer('--workers', '3')).toEqual(alone)
    expect(await answer('--workers', '1', '--seed', '2')).not.toEqual(alone)
  })

  it('runs a plan with scheduled looks through its ledger', async () => {
    const analysis = {
      method: 'group-sequential',
      maximumUnits: 16_000,
      looks: 4,
      expectedUnitsPerDay: 2_000,
    }
    const { document } = await simulate(
      { ...plan, analysis },
      '--trials',
      '100',
      '--look-every',
      '8h',
      '--json',
    )
    const [none, lift] = document.scenarios
    expect(none.shipped.value).toBeLessThanOrEqual(9 / 100)
    expect(lift.shipped.value).toBeGreaterThan(0.7)
    // Four looks at 16,000 units: whoever ships ships at one of them.
    expect(lift.units.value).toBeGreaterThan(4_000)
    expect(lift.units.value).toBeLessThan(16_500)
  })

  it('makes a world of an effect that is asked for', async () => {
    const { document } = await simulate(
      plan,
      '--trials',
      '40',
      '--json',
      '--effect',
      'watched=+20%',
      '--effect',
      'started=-0.02',
    )
    const given = document.scenarios[3]
    expect(given).toMatchObject({ scenario: 'given', truth: expect.stringContaining('watched, started') })
    expect(given.shipped.value).toBeGreaterThan(0.9)
  })

  it('draws from real units: their baselines, and who goes with whom', async () => {
    // Viewers who do not start watch nothing; the rest watch 20 on average, some very long.
    const rows = Array.from({ length: 400 }, (_, i) => {
      const started = i % 5 !== 0
      return `${i % 2 === 0 ? 'control' : 'model'},${started},${started ? (i % 40 === 3 ? 300 : 12) : 0}`
    })
    const { baseline: _w, ...watched } = plan.metrics.watched
    const { baseline: _s, ...started } = plan.metrics.started
    const path = folderWith({
      'trial.json': JSON.stringify({ ...plan, metrics: { watched, started } }),
      'units.csv': ['arm,started,watched', ...rows].join('\n'),
    })
    const args = ['--table', path('units.csv'), '--variant', 'arm', '--trials', '60', '--look-every', '1d']
    const { code, document } = await fairtrial(['simulate', path('trial.json'), ...args, '--json'])
    expect(code).toBe(0)
    expect(document.population).toBe(200)
    const [none, lift, harm] = document.scenarios
    expect(Object.keys(none.falsePositives)).toEqual(['watched', 'started'])
    expect(none.shipped.value).toBeLessThanOrEqual(7 / 60)
    expect(lift.primaryBetter.value).toBeGreaterThanOrEqual(none.primaryBetter.value)
    expect(harm.aborted.value).toBeGreaterThan(0.9)
    const nobody = await fairtrial([
      'simulate',
      path('trial.json'),
      '--table',
      path('units.csv'),
      '--variant',
      'watched',
    ])
    expect(nobody).toMatchObject({ code: 2, stderr: expect.stringContaining('nobody to draw from') })
    const without = await fairtrial(['simulate', path('trial.json'), '--table', path('units.csv')])
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('--table needs --variant') })
  })

  it('tells where the guardrails cannot be proved in time', async () => {
    const strict = {
      ...plan,
      guardrails: [{ ...plan.guardrails[0], margin: { absolute: 0.002 }, evidence: {} }],
    }
    const { stdout } = await simulate(strict, '--trials', '20', '--look-every', '1d')
    expect(stdout).toContain('held until they are aborted')
  })

  it.each([
    [
      'a metric without a baseline',
      { metrics: { ...plan.metrics, started: { ...plan.metrics.started, baseline: undefined } } },
      [],
      'metrics.started.baseline is missing',
    ],
    [
      'no traffic',
      { analysis: { ...plan.analysis, expectedUnitsPerDay: undefined } },
      [],
      'Give --units-per-day',
    ],
    ['an effect on nothing', {}, ['--effect', 'watch=1'], 'There is no metric "watch" in home-ranking'],
    ['an effect beyond what can be', {}, ['--effect', 'started=+0.3'], 'a proportion lies between 0 and 1'],
    ['no effect at all', {}, ['--effect', 'started'], 'Give METRIC=SIZE'],
    ['no length of time', {}, ['--look-every', '0h'], 'Give a length of time'],
    ['too many trials', {}, ['--trials', '1e9'], 'Give'],
    ['looks without end', {}, ['--look-every', '1ms'], 'Look less often'],
    ['units beyond counting', {}, ['--units-per-day', '1e300'], 'cannot be counted one by one'],
  ])('refuses %s, and says what to do', async (_what, change, args, message) => {
    const definition = JSON.parse(JSON.stringify({ ...plan, ...change })) as object
    const { code, stdout, stderr } = await simulate(definition, '--trials', '10', ...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })
})
