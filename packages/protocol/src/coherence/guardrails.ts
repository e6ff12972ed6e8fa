import { show } from '../show.ts'
import { own, type Parts, refer, type Report } from './report.ts'

export function checkGuardrails({ guardrails = [], metrics }: Parts, report: Report): void {
  if (metrics === undefined) return
  const names = guardrails.map((guardrail) => guardrail?.metric)
  names.forEach((name, index) => {
    const path = `guardrails[${index}].metric`
    const metric = own(metrics, name)
    const margin = guardrails[index]?.margin
    refer(path, name, Object.keys(metrics), 'a metric', report)
    if (name !== undefined && names.indexOf(name) < index) {
      report(path, name, `${show(name)} has a guardrail already.`, 'Keep one for each metric.')
    }
    if (metric?.adoption) {
      report(
        path,
        name,
        `${show(name)} is an adoption metric: control does not have it, so that no arm can be worse.`,
        'Guard a metric that both arms have.',
      )
    }
    if (metric?.rareEvents && margin !== undefined && 'absolute' in margin) {
      report(
        `guardrails[${index}].margin`,
        margin,
        `${show(name)} is compared by its rare events, which bound the ratio of two rates and no difference.`,
        'Give a relative margin, e.g. { relative: 0.5 } for half as many again.',
      )
    }
  })
}
