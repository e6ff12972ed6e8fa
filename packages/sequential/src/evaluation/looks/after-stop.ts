import type { Bounds, LookRecord, StoppedEstimate } from '@fairtrial/protocol'
import { withSides } from '../../group-sequential/bounds.ts'
import { type StagewiseInference, stagewiseInference } from '../../group-sequential/stagewise.ts'
import { finite, positive } from '../estimate.ts'
import type { SpendingDesign } from './design.ts'
import { remember } from './remember.ts'

const inferred = remember<StagewiseInference>(64)

/**
 * What may be said after a look has decided, from its record: an estimate that stopped at an extreme is too large on
 * average, and the stage-wise ordering makes up for it. Remembered, for it is asked for again at every later look.
 */
export function afterStop(
  looks: readonly LookRecord[],
  { sides, alpha, harmAlpha }: Pick<SpendingDesign, 'sides' | 'alpha' | 'harmAlpha'>,
  towardsBetter: 1 | -1,
): StoppedEstimate | undefined {
  const stop = looks.at(-1)!
  if (stop.boundary === null || stop.z === 0) return undefined
  // Of one side, the better one is up.
  const sign = sides === 1 ? towardsBetter : 1
  const level = 1 - alpha - harmAlpha
  const bounds = withSides(
    {
      informationFractions: looks.map(({ informationFraction }) => informationFraction),
      upper: looks.map(({ boundary }) => boundary),
    },
    sides,
  )
  const key = JSON.stringify([bounds, stop.z, level, sign])
  const { twoSidedPValue, medianUnbiased, interval } = inferred(key, () =>
    stagewiseInference(bounds, { look: looks.length, estimate: sign * stop.z, standardError: 1 }, { level }),
  )
  const scale = (sign * stop.effect) / stop.z
  const ends = [scale * interval.lower, scale * interval.upper]
  return {
    pValue: positive(twoSidedPValue),
    medianUnbiased: finite(scale * medianUnbiased),
    interval: finite<Bounds>([Math.min(...ends), Math.max(...ends)]),
    level,
  }
}
