import { batchOf } from '@fairtrial/exposure'
import { segmentSink } from '@fairtrial/exposure/segments'
import { type Comparison, type DailyEffect, Evaluation } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { fairtrial, folderWith, NOW } from '../../test/terminal.ts'
import { trial } from '../../test/trial.ts'
import { viewers } from '../../test/viewers.ts'
import { comparisonText } from './comparison-text.ts'
import { dailyText } from './daily-text.ts'
import { dimensionText } from './dimension-text.ts'

/** 400 units an arm; half on ios, where the model helps more; the model alone has votes. */
const table = ['arm,started,watched,before,platform,voted']
for (const [a, arm] of ['control', 'model', 'other'].entries()) {
  for (let i = 0; i < 400; i++) {
    const before = (i * 7) % 40
    const helps = a === 1 ? (i % 2 === 0 ? 6 : 2) : 0
    const watched = i === 3 ? 900 : before + ((i * 13) % 10) + helps
    const voted = a === 1 && i % 8 === 0
    table.push([arm, (i * 3 + a) % 10 < 8 + a / 2, watched, before, i % 2 ? 'web' : 'ios', voted].join(','))
  }
}

const definition = {
  ...trial,
  variants: ['control', 'model', 'other'].map((name) => ({ name, weight: 1 })),
  metrics: {
    started: { type: 'proportion', role: 'primary', direction: 'increase', window: '1h' },
    watched: {
      type: 'mean',
      role: 'secondary',
      direction: 'increase',
      window: '1h',
      unit: 'minutes',
      cap: { upper: 100 },
      ranks: true,
      covariates: [{ column: 'before' }],
      practicalThreshold: { relative: 0.01 },
    },
    voted: { type: 'proportion', role: 'exploratory', direction: 'increase', window: '1h', adoption: true },
  },
  hypothesis: { ...trial.hypothesis, metric: 'started' },
  guardrails: [],
  dimensions: { platform: { known: 'before-exposure' } },
  analysis: {
    method: 'asymptotic-cs',
    tuneAt: 1000,
    expectedUnitsPerDay: 1000,
    families: { attention: { metrics: ['watched'], method: 'bonferroni' } },
  },
}

describe('an evaluation as text', () => {
  it('says what should be looked into, of control and of a treatment', async () => {
    const watched = { ...trial.metrics.watched, baseline: { mean: 10, variance: 8 } }
    const rows = Array.from(
      { length: 400 },
      (_, i) => `${i % 2 ? 'model' : 'control'},${(i % 7) + (i % 2) * 2},true`,
    )
    const path = folderWith({
      'trial.json': JSON.stringify({
        ...trial,
        variants: ['control', 'model'].map((name) => ({ name, weight: 1 })),
        metrics: { ...trial.metrics, watched },
      }),
      'units.csv': ['arm,watched,started', ...rows].join('\n'),
    })
    const args = ['analyze', path('trial.json'), '--table', path('units.csv'), '--variant', 'arm']
    const { stdout } = await fairtrial(args)
    expect(stdout).toMatch(
      /^ {2}caution too-good, model: An effect of \S+ % is \S+ times the smallest lift\n {4}worth having, 2 %: /m,
    )
    expect(stdout).toMatch(
      /^ {2}caution mean-off: Control's mean of 200 units is 3, 70 % below the baseline's\n {4}10: /m,
    )
    const { document } = await fairtrial([...args, '--json'])
    const codes = document.metrics.watched.cautions.map(({ code }: { code: string }) => code)
    expect(codes).toEqual(['too-good', 'mean-off'])
    expect(stdout.match(/^ {2}caution /gm)).toHaveLength(codes.length)
  })

  it('says that units wait for their window, beside each metric that waits for them', async () => {
    const path = folderWith({ 'trial.json': JSON.stringify(trial) })
    const sink = segmentSink({ directory: path('log'), producerId: 'test' })
    await sink.deliver(batchOf(viewers(0, 12)))
    await sink.close()
    const analyzeAt = async (asOf: number) => {
      const args = ['analyze', path('trial.json'), '--log', path('log'), '--as-of', `${asOf}`]
      const { stdout } = await fairtrial(args)
      return stdout.replaceAll(/\s+/g, ' ').match(/(?:All|\d+ of) \d+ units waits? for [^.]*\./g)
    }
    const exposedAt = NOW - 7_200_000
    const all =
      'All 12 units wait for the window (1h) to close and 1m more for what comes late, and will count from then on.'
    expect(await analyzeAt(exposedAt + 1_800_000)).toEqual([all, all])
    // Viewers came a millisecond apart, and a window is held open a minute for what is late.
    const last =
      '1 of 12 units waits for the window (1h) to close and 1m more for what comes late, and will count from then on.'
    expect(await analyzeAt(exposedAt + 3_660_000 + 10)).toEqual([last, last])
    expect(await analyzeAt(NOW)).toBeNull()
  })

  it('shows all that is known of a table, beside one another', async () => {
    const path = folderWith({ 'trial.json': JSON.stringify(definition), 'units.csv': table.join('\n') })
    const args = ['analyze', path('trial.json'), '--table', path('units.csv'), '--variant', 'arm']
    const { stdout } = await fairtrial(args)
    const { document } = await fairtrial([...args, '--json'])
    const { audit: _, decision: __, ...evaluation } = document
    expect(Evaluation.parse({ ...evaluation, schema: 'fairtrial.evaluation/1' })).toEqual({
      ...evaluation,
      schema: 'fairtrial.evaluation/1',
    })
    const [, text = ''] = /\n(watched \(secondary[\s\S]*?)\n\nvoted/.exec(stdout) ?? []
    for (const line of [
      /^ {4}effect +\+\S+ +\+\S+ %$/m,
      /^ {4}97\.5 % in family attention +\[\+\S+, \+\S+\]/m,
      /^ {4}without covariates +\+/m,
      /^ {4}without limits +\+/m,
      /^ {4}regression p \S+ at one look, p \S+ at any look$/m,
      /^ {4}by ranks p \S+ at one look: larger in \S+ % of pairs, shifted by \+2,$/m,
      /^ {4}in family attention by bonferroni: p \S+, significant; all intervals$/m,
      /^ {4}what was known before took \S+ % of the variance$/m,
      /^ {4}limits changed 1 units of control, 1 of treatment$/m,
      /^ {4}the lift that pays, 1 %: reached$/m,
      /^ {4}impact a day: \+\S+, \[\+\S+, \+\S+\]$/m,
      /^ {2}by platform \(pre-registered\), model against control$/m,
      /^ {4}intervals of 97\.5 % at any look\n {4} +control +treatment +effect +interval +to the rest +p$/m,
      /^ {4}ios +200 +200 +\+6 +\[/m,
    ]) {
      expect(text).toMatch(line)
    }
    expect(text).toMatch(/other against control: unknown[\s\S]*inconclusive\s+is not "no effect"/)
    expect(stdout).toMatch(/^ {2}all arms: chi-square \S+ \(df 2\), p \S+ at one look$/m)
    const [, votes = ''] = /\n(voted[\s\S]*?)\n\n/.exec(stdout) ?? []
    expect(votes).toMatch(/units +mean +variance +95 % at any look\n {2}control +400 +0 +0 +\[0, \S+\]/)
    expect(votes).not.toContain('against')
  })
})

const comparison: Comparison = {
  effect: { absolute: 0.02, relative: 0.1 },
  standardError: 0.005,
  relativeStandardError: 0.025,
  interval: { level: 0.95, absolute: [0.001, 0.039], relative: [0.005, 0.195] },
  method: 'repeated',
  assumptions: [],
  anytimePValue: 0.01,
  fixed: {
    method: 'clustered',
    statistic: 4,
    degreesOfFreedom: 40,
    pValue: 0.0003,
    interval: { level: 0.95, absolute: [0.01, 0.03], relative: [0.05, 0.15] },
    fieller: [0.05, 0.15],
    designEffect: 2.25,
  },
  verdict: 'better',
  detectable: 0.014,
  ruledOut: 'Ruled out: effects below 0.1 points and above 3.9 points.',
}

describe('a comparison as text', () => {
  const text = (changes: Partial<Comparison>) =>
    comparisonText('model', 'primary', { ...comparison, ...changes })

  it('tells where a look stands, and what makes up for having stopped', () => {
    const look = {
      kind: 'scheduled',
      taken: 2,
      informationFraction: 0.4,
      nextAt: 0.6,
      boundary: 3.36,
      alphaSpent: 0.0012,
      alpha: 0.05,
      conditionalPower: 0.91,
      predictivePower: 0.97,
      isFutile: true,
    } as const
    const afterStop = { pValue: 0.001, medianUnbiased: 0.018, interval: [0.005, 0.03], level: 0.95 } as const
    const said = text({ look, afterStop }).replaceAll(/\s+/g, ' ')
    for (const part of [
      '95 % at its looks [+0.001, +0.039] [+0.50 %, +19.50 %]',
      'a look of the schedule; 2 taken, information 40 % of the plan; decides beyond 3.36 standard errors; alpha 0.0012 of 0.05 spent; the next look at 60 %',
      'chance to end better: 91 % at the smallest lift worth having, 97 % by the data so far',
      'futile: going on is hardly worth it',
      'made up for stopping: +0.018, 95 % [+0.005, +0.03], p 0.001',
      'clustered p 0.0003 at one look',
      'design effect 2.25',
    ]) {
      expect(said).toContain(part)
    }
    expect(said).not.toContain('Ruled out')
    expect(text({ look: { ...look, kind: 'glance', boundary: null } })).toContain(
      'between looks: this decides nothing',
    )
  })

  it('tells what a posterior says', () => {
    const { interval } = comparison
    const bayesian = {
      chanceToBeat: 0.973,
      expectedLoss: { ship: 0.0001, stay: 0.02 },
      interval,
      practicallyEquivalent: 0.02,
    }
    const said = text({ method: 'credible', bayesian }).replaceAll(/\s+/g, ' ')
    expect(said).toContain('95 % credible [+0.001, +0.039]')
    expect(said).toContain(
      'chance to beat control 97.3 %; expected loss 0.0001 if shipped, 0.02 if not; practically equivalent with 2 %',
    )
  })

  it('shows reasons where numbers cannot be had', () => {
    const none = { notEstimable: { code: 'no-data', detail: 'no units' } } as const
    const said = text({
      effect: { absolute: none, relative: none },
      interval: { level: 0.95, absolute: none, relative: none },
      impactPerDay: { total: none, interval: none },
    })
    expect(said).toMatch(/effect +no-data +no-data/)
    expect(said).toContain('impact a day: no-data, no-data')
  })
})

it('shows segments that are no effects without any', () => {
  const none = { notEstimable: { code: 'not-applicable', detail: 'known only after the exposure' } } as const
  const cell = {
    units: { control: 1_000, treatment: 900 },
    effect: { absolute: none, relative: none },
    interval: { level: 0.95, absolute: none, relative: none },
    interaction: { difference: none, adjustedP: none },
  }
  const told = { standing: 'descriptive', segments: { heavy: { model: cell } } } as const
  expect(dimensionText('use', told, (variant) => `${variant} against control`)).toBe(
    [
      '  by use (descriptive), model against control',
      '           control  treatment',
      '    heavy    1,000        900',
    ].join('\n'),
  )
})

it('shows an effect by day', () => {
  const effect: DailyEffect = {
    days: [
      { effect: 2, interval: [1, 3] },
      { effect: 1, interval: [0.5, 1.5] },
    ],
    slope: { perDay: -1, interval: [-1.5, -0.5] },
    verdict: 'decays',
    longRun: 1,
  }
  expect(dailyText('model against control', effect)).toBe(
    [
      '  by day, model against control: decays; +1 a day in the second half',
      '                  effect   at any look',
      '    day 1             +2      [+1, +3]',
      '    day 2             +1  [+0.5, +1.5]',
      '    change a day      -1  [-1.5, -0.5]',
    ].join('\n'),
  )
})
