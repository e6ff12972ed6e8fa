import { child } from '../path.ts'
import type { Parts, Report } from './report.ts'

export function checkRamp({ ramp }: Parts, report: Report): void {
  const stages = ramp?.stages ?? []
  stages.forEach((stage, index) => {
    const before = stages[index - 1]?.trafficPercent
    const percent = stage?.trafficPercent
    if (before === undefined || percent === undefined || percent > before) return
    report(
      `ramp.stages[${index}].trafficPercent`,
      percent,
      `${percent} does not come after ${before}: a ramp only adds units.`,
      'Let every stage enrol more than the one before.',
    )
  })
}

export function checkDimensions({ dimensions = {} }: Parts, report: Report): void {
  const strata = Object.keys(dimensions).filter((name) => dimensions[name]?.stratify)
  for (const [index, name] of strata.entries()) {
    const path = `${child('dimensions', name)}.stratify`
    if (dimensions[name]?.known === 'after-exposure') {
      report(
        path,
        true,
        `${name} is known only after the exposure, so that it may itself be an effect, which strata would take out.`,
        'Stratify by what is known before, or leave stratify out.',
      )
    }
    if (index === 0) continue
    report(
      path,
      true,
      `${strata.slice(0, index).join(' and ')} stratifies already.`,
      'Keep one; a column of both together is one dimension.',
    )
  }
}

export function checkSurroundings(
  { key, layer, externalEvents = [], excludeExposedTo = [] }: Parts,
  report: Report,
): void {
  const { fromPercent = 0, toPercent = 100 } = layer ?? {}
  if (fromPercent >= toPercent) {
    report(
      'layer.toPercent',
      toPercent,
      `The slot [${fromPercent}, ${toPercent}) holds no unit.`,
      'Let toPercent be more than fromPercent.',
    )
  }
  externalEvents.forEach((event, index) => {
    if (event?.from === undefined || event.to === undefined || event.from <= event.to) return
    report(`externalEvents[${index}].to`, event.to, 'Ends before it begins.', 'Let from come first.')
  })
  excludeExposedTo.forEach((other, index) => {
    const path = `excludeExposedTo[${index}]`
    if (other === undefined) return
    if (other === key) report(path, other, 'Is this trial itself.', 'Name other trials.')
    else if (excludeExposedTo.indexOf(other) < index) report(path, other, 'Is named twice.', 'Name it once.')
  })
}
