import { show } from '../show.ts'
import { own, type Parts, refer, type Report } from './report.ts'

export function checkGuardrails({ guardrails = [], metrics }: Parts, report: Report): void {
  if (metrics === undefined) return
  const names = guardrails.map((guardrail) => guardrail?.metric)
  names.forEach((name, index) => {
    const path = `guardrails[${index}].metric`
    refer(path, name, Object.keys(metrics), 'a metric', report)
    if (name !== undefined && names.indexOf(name) < index) {
      report(path, name, `${show(name)} has a guardrail already.`, 'Keep one for each metric.')
    }
    if (own(metrics, name)?.adoption) {
      report(
        path,
        name,
        `${show(name)} is an adoption metric: control does not have it, so that no arm can be worse.`,
        'Guard a metric that both arms have.',
      )
    }
  })
}
