import type { Parts, Report } from './report.ts'

/** Rules are told apart by their names, in counts of units; a value that stands twice in a rule is a slip. */
export function checkExclusions({ exclusions }: Parts, report: Report): void {
  const rules = exclusions?.rules ?? []
  for (const [index, rule] of rules.entries()) {
    const name = rule?.name
    if (name !== undefined && rules.slice(0, index).some((before) => before?.name === name)) {
      report(
        `exclusions.rules[${index}].name`,
        name,
        `"${name}" is a rule already: traffic is counted by rule.`,
        'Give each rule a name of its own.',
      )
    }
    const [field, values] = valuesOf(rule)
    const twice = values.findIndex((value, at) => values.indexOf(value) < at)
    if (twice === -1) continue
    report(
      `exclusions.rules[${index}].${field}[${twice}]`,
      values[twice],
      `${JSON.stringify(values[twice])} stands in the rule twice.`,
      'Name it once.',
    )
  }
}

type RuleParts = NonNullable<NonNullable<Parts['exclusions']>['rules']>[number]

function valuesOf(rule: RuleParts | undefined): readonly [field: string, values: readonly unknown[]] {
  if (rule === undefined) return ['in', []]
  return 'unitIds' in rule ? ['unitIds', rule.unitIds ?? []] : ['in', ('in' in rule && rule.in) || []]
}
