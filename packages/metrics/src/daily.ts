import type { DailySummary } from '@fairtrial/protocol'
import { mergeMoments, momentsOf } from '@fairtrial/statistics'

type Days = readonly (number | undefined)[]

/** Units told by days since exposure: a day's moments are over the units that have a value then. */
export function dailyOf(units: readonly Days[], days: number): DailySummary {
  return {
    days: Array.from({ length: days }, (_, day) => momentsOf(present(units.map((unit) => unit[day])))),
    slope: momentsOf(present(units.map(slopeOf))),
  }
}

/** Two disjoint sets of units taken together. */
export function mergeDaily(a: DailySummary, b: DailySummary): DailySummary {
  return {
    days: a.days.map((day, d) => mergeMoments(day, b.days[d]!)),
    slope: mergeMoments(a.slope, b.slope),
  }
}

/** A unit's change a day by least squares, over the days that it has a value of; undefined of fewer than two. */
function slopeOf(unit: Days): number | undefined {
  const known = [...unit.entries()].filter((entry): entry is [number, number] => entry[1] !== undefined)
  if (known.length < 2) return undefined
  const middle = known.reduce((sum, [day]) => sum + day, 0) / known.length
  let above = 0
  let below = 0
  for (const [day, value] of known) {
    above += (day - middle) * value
    below += (day - middle) ** 2
  }
  return above / below
}

function present(values: readonly (number | undefined)[]): number[] {
  return values.filter((value) => value !== undefined)
}
