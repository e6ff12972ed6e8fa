import type { DimensionEvaluation } from '@fairtrial/protocol'
import { layColumns } from './columns.ts'
import { isNotEstimable, sayBounds, sayCount, sayEffect, sayLevel, sayLift, sayNumber } from './numbers.ts'
import { wrap } from './wrap.ts'

/** A metric's effects along a dimension, a table a treatment. */
export function dimensionText(
  dimension: string,
  { standing, segments }: DimensionEvaluation,
  against: (variant: string) => string,
): string {
  const variants = [...new Set(Object.values(segments).flatMap((told) => Object.keys(told)))]
  return variants
    .map((variant) => {
      const title = `  by ${dimension} (${standing}), ${against(variant)}`
      const cells = Object.entries(segments).flatMap(([segment, told]) =>
        told[variant] === undefined ? [] : [[segment, told[variant]] as const],
      )
      const heads = ['', 'control', 'treatment']
      const unitsOf = ([segment, { units }]: (typeof cells)[number]) => [
        segment,
        sayCount(units.control),
        sayCount(units.treatment),
      ]
      if (standing === 'descriptive') return `${title}\n${layColumns([heads, ...cells.map(unitsOf)], '    ')}`
      const level = cells[0]?.[1].interval.level ?? 0
      const rows = cells.map((cell) => {
        const [, { effect, interval, interaction }] = cell
        const { absolute, relative } = interval
        // Rare events bound no difference: they are told by their relative effects.
        const isRelative = isNotEstimable(absolute) && absolute.notEstimable.code === 'not-applicable'
        const say = isRelative ? sayLift : sayEffect
        return [
          ...unitsOf(cell),
          say(isRelative ? effect.relative : effect.absolute),
          sayBounds(isRelative ? relative : absolute, say),
          say(interaction.difference),
          // The interval has said why.
          isNotEstimable(interaction.adjustedP) ? '' : sayNumber(interaction.adjustedP),
        ]
      })
      const more = ['effect', 'interval', 'to the rest', 'p']
      const intervals = wrap(`intervals of ${sayLevel(level)} at any look`, '    ')
      return `${title}\n${intervals}\n${layColumns([[...heads, ...more], ...rows], '    ')}`
    })
    .join('\n')
}
