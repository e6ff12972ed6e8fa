import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { homeRanking } from '../test/home-ranking.ts'
import { defineExperiments, refuseCollisions } from './collisions.ts'

const trial = (key: string, name: string, fromPercent: number, toPercent: number) => ({
  ...homeRanking,
  key,
  layer: { name, fromPercent, toPercent },
})

describe('defineExperiments', () => {
  it('defines trials that share no unit', () => {
    const experiments = defineExperiments([
      trial('a', 'home', 0, 33.3333),
      trial('b', 'home', 33.3333, 100),
      trial('c', 'player', 0, 100),
      { ...homeRanking, key: 'd' },
    ])
    expect(experiments.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('FAULTS 8: two trials of one layer that overlap are named both, with the overlap', () => {
    const overlapping = [
      trial('a', 'home', 0, 50),
      trial('b', 'player', 0, 100),
      trial('c', 'home', 49.9999, 80),
    ]
    expect(() => defineExperiments(overlapping)).toThrow(
      expect.objectContaining({
        code: 'invalid-definition',
        problems: [
          expect.objectContaining({
            path: 'c.layer',
            message:
              'c holds [49.9999 %, 80 %) of layer home and a holds [0 %, 50 %): both hold [49.9999 %, 50 %).',
          }),
        ],
      }),
    )
  })

  it('FAULTS 8: slots collide exactly when a bucket lies in both', () => {
    const percent = fc.integer({ min: 0, max: 20 }).map((step) => step * 5)
    const slot = fc.tuple(percent, percent).filter(([from, to]) => from < to)
    fc.assert(
      fc.property(slot, slot, (a, b) => {
        const experiments = [a, b].map(([fromPercent, toPercent], index) => ({
          key: `trial-${index}`,
          layer: { name: 'home', fromPercent, toPercent },
        }))
        const shared = Array.from({ length: 100 }, (_, at) => at).some((at) =>
          [a, b].every(([from, to]) => from <= at && at < to),
        )
        if (shared) expect(() => refuseCollisions(experiments)).toThrow('The trials collide.')
        else refuseCollisions(experiments)
      }),
    )
  })

  it('B11: one holdout has one size in every definition that names it', () => {
    const heldOut = (key: string, name: string, percent: number) => ({
      ...homeRanking,
      key,
      holdout: { name, percent },
    })
    expect(defineExperiments([heldOut('a', '2026', 5), heldOut('b', '2026', 5)])).toHaveLength(2)
    expect(defineExperiments([heldOut('a', '2026', 5), heldOut('b', '2027', 10)])).toHaveLength(2)
    expect(() => defineExperiments([heldOut('a', '2026', 5), heldOut('b', '2026', 10)])).toThrow(
      expect.objectContaining({
        problems: [
          expect.objectContaining({
            path: 'b.holdout',
            message: expect.stringContaining(
              'b gives each arm of holdout 2026 10 % of units, and a gives it 5 % of units',
            ),
          }),
        ],
      }),
    )
  })

  it('refuses a key that is there already', () => {
    expect(() => defineExperiments([homeRanking, homeRanking])).toThrow(
      'Two trials have the key home-ranking.',
    )
  })
})
