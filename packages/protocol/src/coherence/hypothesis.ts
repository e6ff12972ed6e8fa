import { show } from '../show.ts'
import { own, type Parts, refer, type Report } from './report.ts'

export function checkHypothesis({ hypothesis, metrics }: Parts, report: Report): void {
  if (metrics === undefined) return
  const name = hypothesis?.metric
  refer('hypothesis.metric', name, Object.keys(metrics), 'a metric', report)
  const metric = own(metrics, name)
  if (metric?.role !== undefined && metric.role !== 'primary') {
    report(
      'hypothesis.metric',
      name,
      `${show(name)} has the role ${metric.role}.`,
      `Give it the role primary, or name a metric that has it.`,
    )
  }
  const direction = hypothesis?.direction
  if (direction !== undefined && metric?.direction !== undefined && direction !== metric.direction) {
    report(
      'hypothesis.direction',
      direction,
      `The hypothesis says ${direction}, its metric ${show(name)} is better with ${metric.direction}.`,
      'Make the two the same.',
    )
  }
}
