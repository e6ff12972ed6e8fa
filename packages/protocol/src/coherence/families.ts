import { child } from '../path.ts'
import { show } from '../show.ts'
import { own, type Parts, present, refer, type Report } from './report.ts'

const WEIGHTED = ['bonferroni', 'holm']

export function checkFamilies({ analysis, metrics }: Parts, report: Report): void {
  if (metrics === undefined) return
  const homes = new Map<string, string>()
  for (const [name, family] of Object.entries(analysis?.families ?? {})) {
    const path = child('analysis.families', name)
    const members = family?.metrics ?? []
    members.forEach((metric, index) => {
      if (metric === undefined) return
      const at = `${path}.metrics[${index}]`
      refer(at, metric, Object.keys(metrics), 'a metric', report)
      checkMember(at, metric, metrics, report)
      const home = homes.get(metric)
      if (home !== undefined) {
        report(at, metric, `${show(metric)} is in the family ${home} already.`, 'Judge it in one.')
      }
      homes.set(metric, home ?? name)
    })
    const weights = Object.keys(family?.weights ?? {})
    if (weights.length > 0 && family?.method !== undefined && !WEIGHTED.includes(family.method)) {
      report(
        `${path}.weights`,
        family.weights,
        `The method ${family.method} treats its metrics alike.`,
        `Leave weights out, or take ${WEIGHTED.join(' or ')}.`,
      )
    }
    for (const weighted of weights) {
      refer(child(`${path}.weights`, weighted), weighted, present(members), 'in this family', report)
    }
  }
}

function checkMember(
  path: string,
  name: string,
  metrics: NonNullable<Parts['metrics']>,
  report: Report,
): void {
  const { role, adoption } = own(metrics, name) ?? {}
  if (role === 'primary') {
    report(
      path,
      name,
      `${show(name)} has the role primary, whose error the plan's own alpha bounds.`,
      'Share alpha among primaries in analysis.alphaSplit; families are for the others.',
    )
  }
  if (role === 'guardrail') {
    report(
      path,
      name,
      `${show(name)} has the role guardrail: it is judged against its margin, and shares falseAbortAlpha.`,
      'Leave it out, or give it another role.',
    )
  }
  if (adoption) {
    report(path, name, `${show(name)} is an adoption metric, which is never compared.`, 'Leave it out.')
  }
}
