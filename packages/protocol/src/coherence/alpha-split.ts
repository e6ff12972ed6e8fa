import { child } from '../path.ts'
import { show } from '../show.ts'
import { namesOf, own, type Parts, refer, type Report } from './report.ts'

export function checkAlphaSplit({ analysis, metrics }: Parts, report: Report): void {
  const split = analysis?.alphaSplit
  if (split === undefined || metrics === undefined) return
  const shares = Object.entries(split)
  for (const [name] of shares) {
    const path = child('analysis.alphaSplit', name)
    refer(path, name, Object.keys(metrics), 'a metric', report)
    const role = own(metrics, name)?.role
    if (role !== undefined && role !== 'primary') {
      report(path, name, `${show(name)} has the role ${role}.`, 'Only primary metrics share alpha.')
    }
  }
  for (const name of namesOf(metrics, 'primary').filter((name) => !Object.hasOwn(split, name))) {
    report(
      child('analysis.alphaSplit', name),
      undefined,
      `The primary metric ${show(name)} has no share.`,
      'Give it one, or another role.',
    )
  }
  const total = shares.reduce((sum, [, share]) => sum + (share ?? 0), 0)
  if (total > 1 + 1e-9) {
    const sum = `${shares.map(([, share]) => share ?? '?').join(' + ')} = ${total}`
    report('analysis.alphaSplit', split, `The shares ${sum} pass 1.`, 'Lower them: they are shares of alpha.')
  }
}
