import type { ExperimentDefinition, Guardrail, Moments } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { ones, summaryOf, trial } from '../../test/trial.ts'
import { rareEventTest } from '../anytime/rare-events.ts'
import { evaluate } from '../evaluate.ts'
import { createRandom } from '../simulation/random.ts'

const crashes = { type: 'proportion', direction: 'decrease', window: '5s', rareEvents: true } as const

interface Changes {
  readonly metric?: object
  readonly margin?: number
  readonly plan?: Partial<ExperimentDefinition>
}

/** A trial with crashes for its guardrail. */
function plan({ metric = {}, margin = 0.5, plan = {} }: Changes = {}) {
  const guardrail: Guardrail = { metric: 'crashes', margin: { relative: margin }, action: 'abort' }
  return trial({
    metrics: {
      started: { type: 'proportion', role: 'primary', direction: 'increase', window: '10s' },
      crashes: { ...crashes, role: 'guardrail', ...metric },
    },
    guardrails: [guardrail],
    ...plan,
  } as Partial<ExperimentDefinition>)
}

function compareCrashes(control: Moments, model: Moments, changes: Changes = {}) {
  const experiment = plan(changes)
  const summary = summaryOf(experiment, { crashes: { control, model } })
  return evaluate(experiment, summary).metrics['crashes']!.comparisons['model']!
}

const secondary = { metric: { role: 'secondary' }, plan: { guardrails: [] } }

describe('a metric of rare events', () => {
  it('has the interval and the p of rareEventTest, on the scale of the relative effect', () => {
    const comparison = compareCrashes(ones(30, 100_000), ones(63, 110_000), secondary)
    const test = rareEventTest(
      { events: 30, exposure: 100_000 },
      { events: 63, exposure: 110_000 },
      { alpha: 0.04 },
    )
    if ('notEstimable' in test) throw new Error('not estimable')
    const { lower, upper } = test.interval
    expect(comparison.interval).toMatchObject({ level: 0.96, relative: [lower - 1, upper - 1] })
    expect(comparison.anytimePValue).toBe(test.pValue)
    expect(comparison.effect.relative).toBeCloseTo(63 / 110_000 / (30 / 100_000) - 1, 10)
    expect(comparison.effect.absolute).toBeCloseTo(63 / 110_000 - 30 / 100_000, 12)
    expect(comparison).toMatchObject({ method: 'confidence-sequence', verdict: 'unknown' })
  })

  it('bounds no difference, and says so wherever one would stand', () => {
    const { interval, detectable, ruledOut, assumptions } = compareCrashes(
      ones(30, 100_000),
      ones(93, 100_000),
      secondary,
    )
    const none = {
      notEstimable: { code: 'not-applicable', detail: expect.stringContaining('no difference') },
    }
    expect(interval.absolute).toMatchObject(none)
    expect(detectable).toMatchObject(none)
    const [lower, upper] = interval.relative as [number, number]
    const share = (lift: number) => `${Number((100 * lift).toPrecision(4))} %`
    expect(ruledOut).toBe(
      `Ruled out: effects below ${share(lower)} and above ${share(upper)} of control (96 % interval).`,
    )
    expect(assumptions.join(' ')).toContain('from the first event on')
    expect(assumptions.join(' ')).not.toContain('nearly normal')
  })

  it.each([
    ['more is worse', 'decrease', 20, 60, 'worse'],
    ['fewer is better', 'decrease', 60, 20, 'better'],
    ['more is better', 'increase', 20, 60, 'better'],
    ['fewer is worse', 'increase', 60, 20, 'worse'],
    ['a few more are nothing', 'decrease', 20, 24, 'unknown'],
  ])('is judged by its relative bounds: %s', (_, direction, control, model, verdict) => {
    const metric = { role: 'secondary', direction }
    const comparison = compareCrashes(ones(control, 50_000), ones(model, 50_000), { ...secondary, metric })
    expect(comparison.verdict).toBe(verdict)
  })

  it('counts the events of a count, and tells what independence it stands on', () => {
    const of = (events: number) => ({ n: 50_000, mean: events / 50_000, m2: 3 * events })
    const count = (metric: object) =>
      compareCrashes(of(20), of(60), {
        ...secondary,
        metric: { type: 'count', role: 'secondary', ...metric },
      })
    const same = compareCrashes(ones(20, 50_000), ones(60, 50_000), secondary)
    expect(count({}).interval).toEqual(same.interval)
    expect(count({}).assumptions.at(-1)).toContain('do not come in bursts')
    expect(count({ maximumEvents: 1 }).assumptions.join(' ')).not.toContain('bursts')
  })

  it('refuses what is no number of events', () => {
    const odd = { n: 1_000, mean: 0.0105, m2: 10 }
    const comparison = compareCrashes(odd, ones(3, 1_000))
    expect(comparison.interval.relative).toMatchObject({
      notEstimable: { detail: expect.stringContaining('whole numbers') },
    })
    expect(comparison.verdict).toBe('unknown')
  })

  it('is told along a dimension, against the rest, by the relative effects', () => {
    const experiment = plan({ plan: { dimensions: { platform: { known: 'before-exposure' } } } })
    const web = { control: ones(20, 50_000), model: ones(20, 50_000) }
    const tv = { control: ones(10, 50_000), model: ones(120, 50_000) }
    const whole = summaryOf(experiment, {
      crashes: { control: ones(30, 100_000), model: ones(140, 100_000) },
    })
    const segment = (arms: { readonly control: Moments; readonly model: Moments }) => {
      const { metrics, units } = summaryOf(experiment, { crashes: arms })
      return { metrics, units }
    }
    const summary = { ...whole, segments: { platform: { web: segment(web), tv: segment(tv) } } }
    const { segments } = evaluate(experiment, summary).metrics['crashes']!.dimensions!['platform']!
    const { interval, interaction } = segments['tv']!['model']!
    expect((interval.relative as [number, number])[0]).toBeGreaterThan(1)
    expect(interaction.adjustedP).toBeLessThan(0.05)
    expect(interaction.difference).toBeCloseTo(120 / 10 - 20 / 20, 8)
    const alike = { ...whole, segments: { platform: { web: segment(web), tv: segment(web) } } }
    const calm = evaluate(experiment, alike).metrics['crashes']!.dimensions!['platform']!.segments
    expect(calm['tv']!['model']!.interaction.adjustedP).toBe(1)
  })

  it('leaves strata alone, and is judged with its family', () => {
    const changes = (more: object): Changes => ({
      metric: { role: 'secondary' },
      plan: {
        guardrails: [],
        dimensions: { platform: { known: 'before-exposure', stratify: true } },
        ...more,
      },
    })
    const { analysis } = trial()
    const families = { health: { metrics: ['crashes'], method: 'bonferroni' as const } }
    const [control, model] = [ones(30, 100_000), ones(140, 100_000)]
    const { adjusted, interval, anytimePValue } = compareCrashes(
      control,
      model,
      changes({ analysis: { ...analysis, families } }),
    )
    expect(adjusted!.isSignificant).toBe(true)
    expect(adjusted!.pValue).toBeCloseTo(anytimePValue as number, 12)
    expect((adjusted!.interval.relative as [number, number])[0]).toBeCloseTo(
      (interval.relative as [number, number])[0],
      10,
    )
    const experiment = plan(changes({}))
    const whole = summaryOf(experiment, { crashes: { control, model } })
    const half = summaryOf(experiment, { crashes: { control: ones(15, 50_000), model: ones(70, 50_000) } })
    const segments = { platform: { web: half, tv: half } }
    const comparison = evaluate(experiment, { ...whole, segments }).metrics['crashes']!.comparisons['model']!
    expect(comparison.fixed.method).toBe('welch')
    expect(comparison.unadjusted).toBeUndefined()
  })

  it('decides a primary at every look', () => {
    const experiment = trial({
      metrics: { started: { ...crashes, role: 'primary', direction: 'increase' } },
      guardrails: [],
    } as Partial<ExperimentDefinition>)
    const started = { control: ones(0, 5_000), model: ones(25, 5_000) }
    const { metrics } = evaluate(experiment, summaryOf(experiment, { started }))
    expect(metrics['started']!.comparisons['model']).toMatchObject({ verdict: 'better' })
  })

  it('judges the lift that pays, also where control has nothing yet', () => {
    const metric = { role: 'secondary', direction: 'increase', practicalThreshold: { relative: 0.5 } }
    const compared = compareCrashes(ones(0, 5_000), ones(25, 5_000), { ...secondary, metric })
    expect(compared.practical).toMatchObject({ verdict: 'above' })
  })
})

describe('a guardrail on crashes', () => {
  const byMeans = { metric: { rareEvents: false } }

  it('is breached by the first dozen, while control has none and means say nothing', () => {
    const [control, model] = [ones(0, 20_000), ones(14, 20_000)]
    const { verdict, guardrail, interval, ruledOut } = compareCrashes(control, model)
    expect(verdict).toBe('breach')
    expect(guardrail!.detail).toMatch(
      /^at least \d+(\.\d+)? % worse than control \(90 % interval\), wholly beyond the margin of 50 %\.$/,
    )
    expect(ruledOut).toMatch(/^Ruled out: effects below \d+(\.\d+)? % of control \(90 % interval\)\.$/)
    expect(interval.relative).toMatchObject({
      notEstimable: { code: 'unbounded', detail: expect.stringContaining('has no upper bound') },
    })
    expect(compareCrashes(control, model, byMeans).verdict).toBe('unknown')
  })

  it('is breached, kept, or open', () => {
    expect(compareCrashes(ones(20, 50_000), ones(90, 50_000)).verdict).toBe('breach')
    expect(compareCrashes(ones(300, 50_000), ones(300, 50_000)).verdict).toBe('ok')
    expect(compareCrashes(ones(20, 50_000), ones(24, 50_000)).verdict).toBe('unknown')
    expect(compareCrashes(ones(90, 50_000), ones(20, 50_000)).verdict).toBe('ok')
    expect(compareCrashes(ones(0, 50_000), ones(2, 50_000)).guardrail).toMatchObject({
      verdict: 'unknown',
      detail: expect.stringContaining('worse than control without limit'),
    })
  })

  it('is turned round for what should happen more often', () => {
    const rising = { metric: { direction: 'increase' } }
    expect(compareCrashes(ones(90, 50_000), ones(20, 50_000), rising).verdict).toBe('breach')
    expect(compareCrashes(ones(14, 50_000), ones(0, 50_000), rising).verdict).toBe('breach')
    expect(compareCrashes(ones(0, 50_000), ones(14, 50_000), rising).guardrail).toMatchObject({
      verdict: 'ok',
      detail: expect.stringMatching(/^at least \d+(\.\d+)? % better than control/),
    })
  })

  it('FAULTS 43: without an event, or a unit, nothing is estimated and nothing passes', () => {
    for (const [control, model] of [
      [ones(0, 50_000), ones(0, 50_000)],
      [{ n: 0, mean: 0, m2: 0 }, ones(3, 50_000)],
    ] as const) {
      const comparison = compareCrashes(control, model)
      expect(comparison.verdict).toBe('unknown')
      for (const each of [comparison.interval.relative, comparison.anytimePValue]) {
        expect(each).toMatchObject({ notEstimable: { code: 'no-data' } })
      }
      expect(comparison.ruledOut).toMatch(/^Nothing is ruled out: /)
    }
  })

  it('FAULTS 44: one unit an arm, and arms in which every unit crashed, are bounded and no breach', () => {
    const small = { evidence: { minimumUnits: 1 } }
    const rule = { metric: 'crashes', margin: { relative: 0.5 }, action: 'abort', ...small } as const
    const guarded = { plan: { guardrails: [rule] } }
    for (const n of [1, 50]) {
      const comparison = compareCrashes(ones(n, n), ones(n, n), guarded)
      expect(comparison.interval.relative).toEqual([expect.any(Number), expect.any(Number)])
      expect(comparison.anytimePValue).toBe(1)
      expect(comparison.verdict).toBe('unknown')
    }
  })

  it('at its margin, with one event in 10,000 units, is breached at some of 1,000 looks as rarely as planned', () => {
    const TRIALS = 60
    const LOOKS = 1_000
    const { falseAbortAlpha } = plan().analysis
    const random = createRandom(20_261)
    const experiment = plan()
    let aborted = 0
    for (let i = 0; i < TRIALS; i++) {
      const control = { n: 0, events: 0 }
      const model = { n: 0, events: 0 }
      for (let look = 0; look < LOOKS; look++) {
        enrol(control, 1e-4)
        enrol(model, 1.5e-4)
        const crashes = { control: ones(control.events, control.n), model: ones(model.events, model.n) }
        const { metrics } = evaluate(experiment, summaryOf(experiment, { crashes }))
        if (metrics['crashes']!.comparisons['model']!.verdict !== 'breach') continue
        aborted += 1
        break
      }
    }
    expect(aborted / TRIALS).toBeLessThanOrEqual(falseAbortAlpha)

    /** About 2,000 units between two looks, each on either arm by chance. */
    function enrol(arm: { n: number; events: number }, rate: number): void {
      const units = Math.round(1_000 + Math.sqrt(500) * random.normal())
      arm.n += units
      for (let time = exponential(); time < units * rate; time += exponential()) arm.events += 1
    }

    function exponential(): number {
      return -Math.log1p(-random.uniform())
    }
  })
})
