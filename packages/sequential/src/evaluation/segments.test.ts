import type { ExperimentDefinition, Moments, SegmentSummary } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { ones, summaryOf, trial } from '../../test/trial.ts'
import { evaluate, type EvaluateOptions } from '../evaluate.ts'

const arms = (control: Moments, model: Moments): SegmentSummary => {
  const cell = (moments: Moments) => ({ closed: moments, current: moments, missing: 0 })
  return {
    units: { control: control.n, model: model.n },
    metrics: { started: { control: cell(control), model: cell(model) } },
  }
}
const segments = {
  platform: {
    ios: arms(ones(300, 3_000), ones(420, 2_900)),
    web: arms(ones(400, 2_000), ones(415, 2_100)),
  },
  tenure: {
    new: arms(ones(200, 1_500), ones(240, 1_500)),
    old: arms(ones(250, 2_000), ones(300, 2_000)),
    other: arms(ones(250, 1_500), ones(295, 1_500)),
  },
  reached: { '10 plays': arms(ones(50, 60), ones(80, 90)), fewer: arms(ones(650, 4_940), ones(755, 4_910)) },
}

function evaluateSegments(
  dimensions: ExperimentDefinition['dimensions'],
  found: Partial<Record<keyof typeof segments, (typeof segments)[keyof typeof segments]>> = segments,
  options?: EvaluateOptions,
) {
  const experiment = trial(dimensions && { dimensions })
  const started = { control: ones(700, 5_000), model: ones(835, 5_000) }
  const summary = { ...summaryOf(experiment, { started }), segments: found } as Parameters<typeof evaluate>[1]
  return evaluate(experiment, summary, options).metrics['started']!.dimensions
}
const before = { known: 'before-exposure' } as const

describe('segments', () => {
  it('are corrected for how many there are, and told against the rest', () => {
    // Closed forms of the normal mixture at alpha 0.04 / 5 and statsmodels 0.15.0 multipletests (Holm), in Python.
    const { platform, tenure } = evaluateSegments({ platform: before, tenure: before })!
    const ios = platform!.segments['ios']!['model']!
    expect(platform!.standing).toBe('pre-registered')
    expect(ios.units).toEqual({ control: 3_000, treatment: 2_900 })
    expect(ios.effect.absolute).toBeCloseTo(0.04482758620689656, 12)
    expect(ios.effect.relative).toBeCloseTo(0.4482758620689656, 12)
    expect(ios.interval.level).toBeCloseTo(1 - 0.04 / 5, 12)
    const [lower, upper] = ios.interval.absolute as [number, number]
    expect(lower).toBeCloseTo(0.012771028955219574, 10)
    expect(upper).toBeCloseTo(0.07688414345857354, 10)
    expect(ios.interaction.difference).toBeCloseTo(0.04720853858784896, 12)
    expect(ios.interaction.adjustedP).toBeCloseTo(0.4351421117113525, 10)
    const { old } = tenure!.segments
    expect(old!['model']!.interaction).toEqual({
      difference: expect.closeTo(-0.003333333333333355, 12),
      adjustedP: 1,
    })
  })

  it('by what is known only after the exposure are described, and never effects', () => {
    const { platform, reached } = evaluateSegments({
      platform: before,
      reached: { known: 'after-exposure' },
    })!
    const cell = reached!.segments['10 plays']!['model']!
    expect(reached!.standing).toBe('descriptive')
    expect(cell.units).toEqual({ control: 60, treatment: 90 })
    for (const each of [cell.effect.absolute, cell.interval.relative, cell.interaction.adjustedP]) {
      expect(each).toEqual({
        notEstimable: { code: 'not-applicable', detail: 'known only after the exposure; never an effect' },
      })
    }
    // They cost the others nothing.
    expect(platform!.segments['ios']!['model']!.interval.level).toBeCloseTo(1 - 0.04 / 2, 12)
  })

  it('that the plan does not have are exploratory, and corrected among themselves', () => {
    const told = evaluateSegments({ platform: before }, segments, { exploratory: ['tenure', 'platform'] })!
    expect(told['platform']!.standing).toBe('pre-registered')
    expect(told['tenure']!.standing).toBe('exploratory')
    expect(told['tenure']!.segments['new']!['model']!.interval.level).toBeCloseTo(1 - 0.04 / 3, 12)
    expect(told).not.toHaveProperty('reached')
    expect(() => evaluateSegments(undefined, segments, { exploratory: ['country'] })).toThrow(
      'exploratory names the dimension "country", and the summary has no segments of it.',
    )
  })

  it('are not there without data, and say what is missing', () => {
    expect(evaluateSegments(undefined)).toBeUndefined()
    expect(evaluateSegments({ platform: before }, {})).toBeUndefined()
    const alone = evaluateSegments(
      { platform: before },
      { platform: { ios: segments.platform.ios } as never },
    )!
    const { interaction, effect } = alone['platform']!.segments['ios']!['model']!
    expect(effect.absolute).toBeCloseTo(0.0448, 3)
    expect(interaction.difference).toMatchObject({ notEstimable: { code: 'no-data' } })
    expect(interaction.adjustedP).toMatchObject({ notEstimable: { code: 'no-data' } })
  })
})
