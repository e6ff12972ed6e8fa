import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fiellerLift, isEstimable } from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { fairtrial, folderWith } from './terminal.ts'

const data = process.env['FAIRTRIAL_DATA']
const hasData = data !== undefined && existsSync(data)

const shared = {
  analysis: { method: 'asymptotic-cs', tuneAt: 50_000 },
  ramp: { stages: [{ trafficPercent: 100, holdFor: '1d', minimumUnits: 100 }] },
}
const retention = (window: string, role: string) => ({
  type: 'proportion',
  role,
  direction: 'increase',
  window,
})

const cookieCats = {
  key: 'cookie-cats',
  hypothesis: {
    change: 'moving the first gate from level 30 to level 40',
    population: 'new players',
    metric: 'retention_7',
    direction: 'increase',
    minimumLift: { relative: 0.01 },
    horizon: '14d',
  },
  unitType: 'player',
  variants: [
    { name: 'early', weight: 1, value: 'gate_30' },
    { name: 'late', weight: 1, value: 'gate_40' },
  ],
  control: 'early',
  metrics: {
    retention_7: retention('7d', 'primary'),
    retention_1: retention('1d', 'guardrail'),
    rounds: { ...retention('14d', 'secondary'), type: 'mean', column: 'sum_gamerounds' },
  },
  guardrails: [{ metric: 'retention_1', margin: { relative: 0.02 }, action: 'abort' }],
  ...shared,
}

const socialPressure = {
  key: 'social-pressure',
  hypothesis: {
    change: 'a mailing that shows the turnout of the neighbours',
    population: 'households in Michigan',
    metric: 'turnout',
    direction: 'increase',
    minimumLift: { absolute: 0.01 },
    horizon: '30d',
  },
  unitType: 'voter',
  variants: [
    { name: 'control', weight: 5, value: 'Control' },
    { name: 'civic-duty', weight: 1, value: 'Civic Duty' },
    { name: 'hawthorne', weight: 1, value: 'Hawthorne' },
    { name: 'neighbors', weight: 1, value: 'Neighbors' },
  ],
  control: 'control',
  metrics: { turnout: { ...retention('30d', 'primary'), column: 'voted_2006' } },
  ...shared,
}

/** To 1e-9 of the number itself. */
function agree(actual: unknown, expected: number, what: string): void {
  expect(typeof actual, what).toBe('number')
  expect(Math.abs((actual as number) - expected), what).toBeLessThanOrEqual(1e-9 * Math.abs(expected))
}

interface Reference {
  control: { n: number; mean: number; variance: number }
  treatment: { n: number; mean: number; variance: number }
  difference: number
  se: number
  t: number
  df: number
  p: number
  ci95: [number, number]
  relativeLift: number
  relativeSeDelta: number
}

// Documents as a script in another language reads them.
type Document = any

function agreeWithWelch(metric: Document, arm: string, control: string, expected: Reference): void {
  for (const [name, reference] of [
    [control, expected.control],
    [arm, expected.treatment],
  ] as const) {
    const { n, mean, variance } = metric.variants[name]
    expect(n).toBe(reference.n)
    agree(mean, reference.mean, `${name} mean`)
    agree(variance, reference.variance, `${name} variance`)
  }
  const { effect, standardError, relativeStandardError, fixed } = metric.comparisons[arm]
  agree(effect.absolute, expected.difference, 'difference')
  agree(standardError, expected.se, 'standard error')
  agree(fixed.statistic, expected.t, 't')
  agree(fixed.degreesOfFreedom, expected.df, 'degrees of freedom')
  agree(fixed.pValue, expected.p, 'p')
  agree(fixed.interval.absolute[0], expected.ci95[0], 'lower end')
  agree(fixed.interval.absolute[1], expected.ci95[1], 'upper end')
  agree(effect.relative, expected.relativeLift, 'relative lift')
  agree(relativeStandardError, expected.relativeSeDelta, 'relative standard error')
}

function agreeWithSampleRatio(
  audit: Document,
  expected: { observed: number[]; chiSquare: number; p: number },
): void {
  expect(Object.values(audit.sampleRatio.observed)).toEqual(expected.observed)
  agree(audit.sampleRatio.chiSquare, expected.chiSquare, 'chi-square')
  agree(audit.sampleRatio.pValue, expected.p, 'p of the sample ratio')
}

describe.runIf(hasData)('analyze on real data', () => {
  const file = (name: string) => join(data ?? '', name)
  const reference = (name: string): Document => JSON.parse(readFileSync(file(`${name}.results.json`), 'utf8'))
  const analyze = async (name: string, definition: object, ...args: string[]) => {
    const path = folderWith({ 'trial.json': JSON.stringify(definition) })
    return fairtrial(['analyze', path('trial.json'), '--table', file(`${name}.csv.gz`), ...args])
  }

  it('agrees with scipy on Cookie Cats, and tells its mild sample ratio mismatch at its size', async () => {
    const expected = reference('cookie-cats')
    const { code, document } = await analyze(
      'cookie-cats',
      cookieCats,
      '--variant',
      'version',
      '--unit',
      'userid',
      '--json',
    )
    expect(document.units).toEqual({ early: 44_700, late: 45_489 })
    agreeWithSampleRatio(document.audit, expected.srm)
    agreeWithWelch(document.metrics.retention_1, 'late', 'early', expected.retention_1.welch)
    agreeWithWelch(document.metrics.rounds, 'late', 'early', expected.sum_gamerounds)
    const { z, pValue, interval } = document.metrics.retention_1.comparisons.late.fixed.twoProportions
    agree(z, expected.retention_1.zPooled, 'z')
    agree(pValue, expected.retention_1.pPooled, 'pooled p')
    agree(interval[0], expected.retention_1.newcombe95[0], 'lower end, Newcombe')
    agree(interval[1], expected.retention_1.newcombe95[1], 'upper end, Newcombe')
    // Nobody has computed retention_7 for us: it is read from the column that it says, and is worse.
    expect(document.metrics.retention_7.variants).toMatchObject({ early: { n: 44_700 }, late: { n: 45_489 } })
    expect(document.metrics.retention_7.comparisons.late.effect.absolute).toBeCloseTo(-0.0082, 4)
    expect(document.audit.verdict).toBe('caution')
    const [finding] = document.audit.findings
    expect(finding).toMatchObject({ code: 'sample-ratio', severity: 'caution', remedy: expect.any(String) })
    for (const number of ['44,700', '45,489', '45,094.5', '0.87 %', 'p 0.00861'])
      expect(finding.detail).toContain(number)
    expect(document.decision.action).toBe('stop')
    expect(code).toBe(4)
  })

  it('reads Cookie Cats the same with anonymous units', async () => {
    const anonymous = await analyze('cookie-cats', cookieCats, '--variant', 'version', '--json')
    const named = await analyze(
      'cookie-cats',
      cookieCats,
      '--variant',
      'version',
      '--unit',
      'userid',
      '--json',
    )
    expect(anonymous.document).toEqual(named.document)
  })

  it('agrees with scipy on four arms of 5 : 1 : 1 : 1', async () => {
    const expected = reference('social-pressure-turnout')
    const { code, document } = await analyze(
      'social-pressure-turnout',
      socialPressure,
      '--variant',
      'arm',
      '--json',
    )
    agreeWithSampleRatio(document.audit, expected.srm)
    expect(document.audit.verdict).toBe('trusted')
    const { turnout } = document.metrics
    expect(Object.keys(turnout.comparisons)).toEqual(['civic-duty', 'hawthorne', 'neighbors'])
    agreeWithWelch(turnout, 'civic-duty', 'control', expected.comparisons['Civic Duty'].welch)
    expect(document.decision).toMatchObject({ action: 'ship', shipVariant: 'neighbors' })
    expect(code).toBe(0)
  })

  it('agrees with Fieller and with the ranks of scipy on Cookie Cats', async () => {
    const ranked = {
      ...cookieCats,
      metrics: { ...cookieCats.metrics, rounds: { ...cookieCats.metrics.rounds, ranks: true } },
    }
    const { document } = await analyze('cookie-cats', ranked, '--variant', 'version', '--json')
    const expected = reference('cookie-cats')
    const { retention_1, rounds } = document.metrics
    // The reference takes 1.96 of the normal distribution. Fieller's theorem for spreads that are estimated takes t, as Welch
    // does: by the closed form with scipy's t.ppf and the reference's own degrees of freedom.
    for (const [metric, { relativeCi95Fieller: normal }, lower, upper] of [
      [retention_1, expected.retention_1.welch, -0.027451161086515685, 0.0013087101494684283],
      [rounds, expected.sum_gamerounds, -0.06805687046426911, 0.027959472919477424],
    ]) {
      const { fieller } = metric.comparisons.late.fixed
      agree(fieller[0], lower, 'lower end, Fieller')
      agree(fieller[1], upper, 'upper end, Fieller')
      const arms = metric.variants
      const known = ({ n, mean, variance }: { n: number; mean: number; variance: number }) => ({
        mean,
        variance: variance / n,
        degreesOfFreedom: Number.POSITIVE_INFINITY,
      })
      const byNormal = fiellerLift(known(arms.early), known(arms.late))
      if (!isEstimable(byNormal) || byNormal.kind !== 'interval') throw new Error('no interval')
      agree(byNormal.lower, normal[0], 'lower end, with 1.96')
      agree(byNormal.upper, normal[1], 'upper end, with 1.96')
    }
    // scipy 1.17.1 mannwhitneyu(method='asymptotic', use_continuity=False); the ranks of all 2.03e9 differences by numpy's counts.
    const { ranks } = rounds.comparisons.late.fixed
    agree(ranks.z, -1.9581808727423209, 'z of the ranks')
    agree(ranks.pValue, 0.05020879271194662, 'p of the ranks')
    agree(ranks.commonLanguageEffect, 0.4962367180934123, 'chance to be larger')
    expect(ranks).toMatchObject({ shift: 0, shiftInterval: [0, 0] })
  })

  it('agrees with CUPED on the turnout of 2004', async () => {
    const { turnout } = socialPressure.metrics
    const adjusted = {
      ...socialPressure,
      metrics: { turnout: { ...turnout, covariates: [{ column: 'voted_2004' }] } },
    }
    const { document } = await analyze('social-pressure-turnout', adjusted, '--variant', 'arm', '--json')
    const { cuped, welch } = reference('social-pressure-turnout').comparisons['Civic Duty']
    const comparison = document.metrics.turnout.comparisons['civic-duty']
    agree(comparison.effect.absolute, cuped.effect, 'effect')
    agree(comparison.standardError, cuped.se, 'standard error')
    agree(comparison.fixed.statistic, cuped.z, 'z')
    agree(comparison.unadjusted.standardError, cuped.unadjustedSe, 'unadjusted standard error')
    agree(comparison.unadjusted.varianceReduction, cuped.varianceReduction, 'variance reduction')
    agree(comparison.unadjusted.effect.absolute, welch.difference, 'unadjusted effect')
    expect(comparison.fixed.method).toBe('regression')
  })

  it('stratifies the turnout by the size of households', async () => {
    const stratified = {
      ...socialPressure,
      dimensions: { household_size: { known: 'before-exposure', stratify: true } },
    }
    const { document } = await analyze('social-pressure-turnout', stratified, '--variant', 'arm', '--json')
    const { comparisons, dimensions } = document.metrics.turnout
    const { effect, standardError, fixed, unadjusted } = comparisons['civic-duty']
    // numpy: strata of the raw rows, sizes 7 and 8 as one (each is in one arm alone), shares as estimated.
    agree(effect.absolute, 0.018132664677604535, 'effect')
    agree(standardError, 0.0025900825615443185, 'standard error')
    agree(fixed.degreesOfFreedom, 54023.68698635521, 'degrees of freedom')
    agree(fixed.pValue, 2.5745343407804154e-12, 'p')
    agree(unadjusted.varianceReduction, 0.003569641972266502, 'variance reduction')
    expect(fixed.method).toBe('stratified')
    expect(Object.keys(dimensions.household_size.segments)).toHaveLength(8)
  })

  it('C8, B13: tells who the voters of the turnout trial are, and that households came as a whole', async () => {
    const { document } = await analyze(
      'social-pressure-turnout',
      socialPressure,
      '--variant',
      'arm',
      ...['sex', 'household_size', 'birth_year'].flatMap((column) => ['--dimension', column]),
      ...['voted_2004', 'birth_year'].flatMap((column) => ['--covariate', column]),
      '--json',
    )
    const { dimensions, balance, findings, sampleRatio } = document.audit
    for (const { segments } of dimensions) {
      const units = { control: 0, 'civic-duty': 0, hawthorne: 0, neighbors: 0 } as Record<string, number>
      for (const { observed } of segments)
        for (const [arm, n] of Object.entries(observed)) units[arm]! += n as number
      expect(units).toEqual(sampleRatio.observed)
    }
    const [sex, size, year] = dimensions
    expect(sex.heterogeneityP).toBeGreaterThan(0.5)
    expect(year).toMatchObject({ distinct: 86, segments: { length: 11 } })
    // Nobody told the plan that households were assigned together; their sizes give it away.
    expect(size.heterogeneityP).toBeLessThan(1e-5)
    expect(findings.filter(({ code }: { code: string }) => code.startsWith('sample-ratio'))).toMatchObject([
      { code: 'sample-ratio-segment', severity: 'caution', evidence: { dimension: 'household_size' } },
    ])
    const [voted] = balance
    expect(voted.variants.control).toMatchObject({ n: 191_243, missing: 0 })
    expect(voted.comparisons['neighbors'].standardizedDifference).toBeCloseTo(0.0129, 4)
    expect(findings.map(({ code }: { code: string }) => code)).not.toContain('covariate-imbalance')
  })

  it('C8: does not find Cookie Cats’ mismatch in one segment alone', async () => {
    const { document } = await analyze(
      'cookie-cats',
      cookieCats,
      '--variant',
      'version',
      '--dimension',
      'sum_gamerounds',
      '--json',
    )
    const [rounds] = document.audit.dimensions
    expect(rounds).toMatchObject({ distinct: 942, maximumSegments: 10, segments: { length: 11 } })
    expect(rounds.segments[0].adjustedP).toBeGreaterThan(0.001)
    expect(rounds.heterogeneityP).toBeCloseTo(0.0293, 4)
  })
})
