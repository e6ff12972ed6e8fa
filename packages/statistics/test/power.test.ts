import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cohenH,
  deltaLift,
  designEffect,
  durationInDays,
  type Estimable,
  estimatedMean,
  isEstimable,
  meanDetectableDifference,
  meanPower,
  meanPowerCurve,
  meanSampleSize,
  momentsFromSums,
  noncentralTSf,
  normalCdf,
  normalQuantile,
  type NotEstimable,
  projectedPower,
  proportionDetectableDifference,
  proportionPower,
  proportionPowerCurve,
  proportionSampleSize,
  ratioVariance,
  studentTSf,
  unitsToGo,
} from '../src/index.ts'
import { disagreements, type ReferenceCase } from './agreement.ts'
import reference from './reference/power.json' with { type: 'json' }

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}
const code = (value: object) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : 'estimated'

const designOf = ({ alpha, power, sides, allocationRatio }: any) => ({
  alpha,
  ...(power && { power }),
  ...(sides && { sides }),
  ...(allocationRatio && { allocationRatio }),
})

const methods: Record<string, (input: any) => unknown> = {
  'power-mean-z': (input) => {
    const planned = { difference: input.effectSize, variance: 1 }
    const design = designOf(input)
    return {
      nControlZ: meanSampleSize(planned, design).control,
      nControlT: meanSampleSize({ ...planned, distribution: 't' }, design).control,
      nControlZOneSidedHalfAlpha: meanSampleSize(planned, { ...design, sides: 1, alpha: input.alpha / 2 })
        .control,
    }
  },
  'power-mean-t': (input) => {
    const planned = { difference: input.delta, variance: input.sd ** 2, distribution: 't' as const }
    return { nPerArm: meanSampleSize(planned, { ...designOf(input), farTail: 'ignored' }).control }
  },
  'power-mean-t-power': ({ nPerArm, delta, sd, alpha, sides }) => {
    const planned = { difference: delta, variance: sd ** 2, distribution: 't' as const }
    const sizes = { control: nPerArm, treatment: nPerArm }
    return {
      powerUpperTailOnly: meanPower(planned, sizes, { alpha, sides, farTail: 'ignored' }),
      powerStrict: meanPower(planned, sizes, { alpha, sides }),
    }
  },
  'power-mean-t-unequal-power': ({ n1, n2, standardizedDelta, alpha, sides }) => {
    const planned = { difference: standardizedDelta, variance: 1, distribution: 't' as const }
    return { power: meanPower(planned, { control: n1, treatment: n2 }, { alpha, sides }) }
  },
  'mde-mean-z': ({ nControl, allocationRatio, sd, ...design }) => ({
    mde: meanDetectableDifference(
      { variance: sd ** 2 },
      { control: nControl, treatment: nControl * allocationRatio },
      design,
    ),
  }),
  'power-mean-z-noninferiority': (input) => {
    const { control: n1, treatment: n2 } = meanSampleSize(
      {
        difference: input.delta1,
        nullDifference: input.delta0,
        variance: input.sd1 ** 2,
        treatmentVariance: input.sd2 ** 2,
      },
      designOf(input),
    )
    return { n1, n2 }
  },
  'power-proportion-z': (input) => {
    const at = (method: 'unpooled' | 'pooled') =>
      proportionSampleSize(
        { control: input.p1, treatment: input.p2, method },
        { ...designOf(input), farTail: 'ignored' },
      ).control
    return { nControlUnpooled: at('unpooled'), nControlPooled: at('pooled') }
  },
  'power-proportion-pooled': (input) => ({
    nPerArm: proportionSampleSize(
      { control: input.p1, treatment: input.p2 },
      { ...designOf(input), farTail: 'ignored' },
    ).control,
  }),
  'power-proportion-arcsine': (input) => ({
    nPerArm: proportionSampleSize(
      { control: input.p1, treatment: input.p2, method: 'arcsine' },
      designOf(input),
    ).control,
    cohenH: cohenH(input.p1, input.p2),
  }),
  'power-proportion-farrington-manning': (input) => {
    // Their differences are p1 − p2, ours treatment − control.
    const nullDifference = input.delta0 === 0 ? 0 : -input.delta0
    const { control: n1, treatment: n2 } = proportionSampleSize(
      { control: input.p1, treatment: input.p2, nullDifference, method: 'restricted' },
      designOf(input),
    )
    return { n1, n2 }
  },
  'power-ratio-z': (input) => {
    const { ratio, variance } = ratioVariance(input)
    const planned = { difference: input.relativeMde * ratio, variance }
    const { control } = meanSampleSize(planned, { ...designOf(input), farTail: 'ignored' })
    return { ratio, unitVariance: variance, nPerArm: control }
  },
  'gpower-total-sample': (input) => {
    const design = designOf(input)
    const { total } =
      input.metric === 'binomial'
        ? proportionSampleSize(
            { control: input.baselineProportion, treatment: input.baselineProportion + input.absoluteMde },
            design,
          )
        : meanSampleSize({ difference: input.absoluteMde, variance: input.baselineVariance }, design)
    return { totalSampleSize: total }
  },
  'mid-experiment-power': (input) => {
    const of = (arm: any) => known(estimatedMean(known(momentsFromSums(arm)), 'an arm'))
    const { standardError } = known(deltaLift(of(input.control), of(input.treatment)))
    const units = input.control.n + input.treatment.n
    const { alpha, tuningParameter } = input
    // The half-width of GrowthBook's confidence sequence, in standard errors.
    const rate = (Math.log(1 - 2 * Math.log(alpha)) - 2 * Math.log(alpha)) / (tuningParameter ?? 1)
    const multiplier = (n: number) =>
      Math.sqrt(((2 * (n * rate + 1)) / (n * rate)) * Math.log(Math.sqrt(n * rate + 1) / alpha))
    const options = { alpha, ...(input.sequential && { multiplier }) }
    const standing = { standardError, units, difference: input.targetMde }
    const more = known(unitsToGo(standing, input.targetPower, options))
    return {
      powerNow: known(projectedPower(standing, 1, options)).power,
      powerAtDouble: known(projectedPower(standing, 2, options)).power,
      scalingFactor: more.growth - 1,
      additionalUsers: more.units === 0 ? null : more.units,
      message: 'successful',
    }
  },
}

// In these the source's own test names no power and so plans for its default; the reference says 0.8.
const OTHER_POWER = new Set(['gpower-total-sample-002', 'gpower-total-sample-003', 'gpower-total-sample-004'])

for (const each of reference.cases as ReferenceCase[]) {
  if (OTHER_POWER.has(each.id)) {
    it(`${each.id} has a power of 85 %, not the 80 % it says: by the textbook formula, and then it agrees`, () => {
      const { input, expected } = each
      const p = input.baselineProportion
      const q = p + input.absoluteMde
      const variance = input.baselineVariance ?? (p * (1 - p) + q * (1 - q)) / 2
      const distance = input.absoluteMde / Math.sqrt((4 * variance) / expected.totalSampleSize)
      expect(normalCdf(distance + normalQuantile(input.alpha / 2))).toBeCloseTo(0.85, 3)
      const actual = methods[each.method]!({ ...input, power: 0.85 })
      expect(disagreements(each, actual)).toEqual([])
    })
    continue
  }
  it(`${each.id} agrees with other software`, () => {
    expect(disagreements(each, methods[each.method]!(each.input))).toEqual([])
  })
}

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const design = fc.record({
  alpha: number(0.001, 0.2),
  power: number(0.3, 0.99),
  allocationRatio: number(0.1, 10),
  sides: fc.constantFrom(1 as const, 2 as const),
})

describe('planning a mean', () => {
  it('is one relation read three ways: the size has the power, and detects the difference', () => {
    fc.assert(
      fc.property(number(0.01, 3), number(0.1, 10), design, (difference, variance, how) => {
        const planned = { difference, variance, treatmentVariance: 2 * variance }
        const sizes = meanSampleSize(planned, how)
        expect(meanPower(planned, sizes, how)).toBeCloseTo(how.power, 9)
        const spread = { variance, treatmentVariance: 2 * variance }
        expect(meanDetectableDifference(spread, sizes, how) / difference).toBeCloseTo(1, 7)
        expect(sizes.treatment / sizes.control).toBeCloseTo(how.allocationRatio, 9)
      }),
    )
  })

  it('needs as many times the units as clusters have a design effect, and as a square of the scale', () => {
    const planned = { difference: 0.1, variance: 1 }
    const plain = meanSampleSize(planned)
    const inflation = designEffect(20, 0.05)
    expect(inflation).toBeCloseTo(1.95, 14)
    expect(meanSampleSize(planned, { inflation }).control / plain.control).toBeCloseTo(1.95, 9)
    expect(meanSampleSize({ difference: 1, variance: 100 }).control).toBeCloseTo(plain.control, 6)
    expect(designEffect(20, 0.05, 0.5)).toBeCloseTo(1 + (1.25 * 20 - 1) * 0.05, 14)
  })

  it('plans non-inferiority one-sided against the margin, whichever sign is good', () => {
    const one = { alpha: 0.025, sides: 1 as const, power: 0.9 }
    const higher = meanSampleSize({ difference: 0, nullDifference: -0.2, variance: 4 }, one)
    const lower = meanSampleSize({ difference: 0, nullDifference: 0.2, variance: 4 }, one)
    expect(higher.control).toBe(lower.control)
    expect(higher.control).toBeCloseTo((2 * 4 * (1.959964 + 1.2815516) ** 2) / 0.04, 1)
  })

  it('shares alpha among comparisons, and refuses half a comparison', () => {
    const planned = { difference: 0.1, variance: 1 }
    expect(meanSampleSize(planned, { comparisons: 4 })).toEqual(meanSampleSize(planned, { alpha: 0.05 / 4 }))
    expect(meanPower(planned, { control: 900, treatment: 900 }, { comparisons: 2 })).toBe(
      meanPower(planned, { control: 900, treatment: 900 }, { alpha: 0.025 }),
    )
    expect(() => meanSampleSize(planned, { comparisons: 1.5 })).toThrow(/comparisons is 1.5/)
  })

  it('draws a curve on which power grows and the detectable difference falls', () => {
    const curve = meanPowerCurve({ difference: 0.2, variance: 1 }, [50, 100, 200, 392.44, 800])
    for (let i = 1; i < curve.length; i++) {
      expect(curve[i]!.power).toBeGreaterThan(curve[i - 1]!.power)
      expect(curve[i]!.detectableDifference).toBeLessThan(curve[i - 1]!.detectableDifference)
    }
    expect(curve[3]!.power).toBeCloseTo(0.8, 5)
    expect(curve[3]!.detectableDifference).toBeCloseTo(0.2, 5)
  })

  it('refuses what has no answer', () => {
    expect(() => meanSampleSize({ difference: 0, variance: 1 })).toThrow('no sample tells them apart')
    expect(() => meanSampleSize({ difference: 1, variance: 0 })).toThrow('above 0')
    expect(() => meanSampleSize({ difference: 1, variance: 1 }, { alpha: 5 })).toThrow('alpha is 5')
    expect(() => meanSampleSize({ difference: 1, variance: 1 }, { allocationRatio: 0 })).toThrow(
      'allocationRatio',
    )
  })
})

describe('planning a proportion', () => {
  it('is one relation read three ways, by every method', () => {
    const method = fc.constantFrom(
      'pooled' as const,
      'unpooled' as const,
      'arcsine' as const,
      'restricted' as const,
    )
    fc.assert(
      fc.property(number(0.02, 0.9), number(0.01, 0.09), design, method, (control, rise, how, method) => {
        const planned = { control, treatment: control + rise, method }
        const sizes = proportionSampleSize(planned, how)
        expect(proportionPower(planned, sizes, how)).toBeCloseTo(how.power, 9)
        const found = proportionDetectableDifference(control, sizes, how, { method })
        expect(found! / rise).toBeCloseTo(1, 6)
      }),
    )
  })

  it('does not care which of success and failure is counted', () => {
    const up = proportionSampleSize({
      control: 0.2,
      treatment: 0.25,
      nullDifference: 0.02,
      method: 'restricted',
    })
    const down = proportionSampleSize({
      control: 0.8,
      treatment: 0.75,
      nullDifference: -0.02,
      method: 'restricted',
    })
    expect(down.control).toBeCloseTo(up.control, 6)
    const fall = proportionDetectableDifference(0.8, { control: 500, treatment: 500 }, {}, { direction: -1 })
    const rise = proportionDetectableDifference(0.2, { control: 500, treatment: 500 })
    expect(fall).toBeCloseTo(-rise!, 9)
  })

  it('draws a curve whose points are those of power and detectable difference, in the planned direction', () => {
    const planned = { control: 0.1, treatment: 0.08, method: 'unpooled' as const }
    const how = { allocationRatio: 2, power: 0.9 }
    const curve = proportionPowerCurve(planned, [5, 1000, 8000], how)
    expect(curve.map(({ treatment }) => treatment)).toEqual([10, 2000, 16_000])
    expect(curve[0]!.detectableDifference).toBeUndefined()
    for (const { power, detectableDifference, control, treatment } of curve.slice(1)) {
      expect(power).toBe(proportionPower(planned, { control, treatment }))
      const found = { ...planned, treatment: planned.control + detectableDifference! }
      expect(detectableDifference).toBeLessThan(0)
      expect(proportionPower(found, { control, treatment })).toBeCloseTo(0.9, 9)
    }
  })

  it('refuses what has no answer', () => {
    expect(proportionDetectableDifference(0.99, { control: 10, treatment: 10 })).toBeUndefined()
    expect(() => proportionSampleSize({ control: 0.1, treatment: 0.1 })).toThrow('no sample tells them apart')
    expect(() => proportionSampleSize({ control: 0, treatment: 0.1 })).toThrow('between 0 and 1')
    expect(() => proportionSampleSize({ control: 0.2, treatment: 0.2, nullDifference: -0.1 })).toThrow(
      'use restricted',
    )
  })
})

describe('noncentralTSf', () => {
  it('without a shift is Student’s t', () => {
    fc.assert(
      fc.property(number(-8, 8), number(1, 1e5), (t, df) => {
        expect(noncentralTSf(t, df, 0) / studentTSf(t, df)).toBeCloseTo(1, 7)
      }),
    )
  })
})

describe('looking ahead in the middle', () => {
  const standing = { standardError: 0.05, units: 1000, difference: 0.1 }

  it('has the power asked for after the units asked for', () => {
    fc.assert(
      fc.property(number(0.6, 0.99), number(0.001, 0.3), (power, alpha) => {
        const { growth, units } = known(unitsToGo(standing, power, { alpha }))
        expect(units).toBeCloseTo((growth - 1) * 1000, 6)
        const then = known(projectedPower(standing, growth, { alpha })).power
        expect(then).toBeGreaterThanOrEqual(power - 1e-9)
        if (units > 0) expect(then).toBeCloseTo(power, 9)
      }),
    )
  })

  it('says why it cannot', () => {
    expect(code(projectedPower({ ...standing, standardError: 0 }))).toBe('zero-variance')
    expect(code(projectedPower({ ...standing, units: Number.NaN }))).toBe('non-finite')
    expect(code(projectedPower(standing, 0))).toBe('no-data')
    expect(code(unitsToGo({ ...standing, difference: 0 }, 0.8))).toBe('not-applicable')
    expect(() => unitsToGo(standing, 80)).toThrow('between 0 and 1')
  })

  it('counts days until the last unit has been watched', () => {
    expect(durationInDays(1000, { perDay: [100] })).toEqual({ days: 10 })
    expect(durationInDays(1001, { perDay: [100], windowDays: 7 })).toEqual({ days: 18 })
    expect(durationInDays(1000, { perDay: [10, 90, 400] })).toEqual({ days: 5 })
    expect(durationInDays(100, { perDay: [50, 50, 10] })).toEqual({ days: 2 })
    expect(code(durationInDays(1000, { perDay: [100, 0] }))).toBe('no-data')
    expect(code(durationInDays(Number.POSITIVE_INFINITY, { perDay: [100] }))).toBe('not-applicable')
    expect(code(durationInDays(10, { perDay: [Number.NaN] }))).toBe('non-finite')
  })
})
