import { describe, expect, it } from 'vitest'
import { homeRanking } from '../test/home-ranking.ts'
import { parseDefinition } from './define.ts'
import { lint } from './lint.ts'

type Edit = (definition: any) => void

function findingsOf(edit: Edit) {
  const definition = structuredClone(homeRanking)
  edit(definition)
  return lint(parseDefinition(definition))
}

const variant = (name: string, config: object) => ({ name, weight: 1, config })

describe('lint', () => {
  it('finds nothing in a sound design', () => {
    expect(findingsOf(() => {})).toEqual([])
  })

  it.each<[string, string, Edit]>([
    ['keeps-serving', 'whenStateLapses', (d) => (d.whenStateLapses = 'keep-serving')],
    ['no-abort', 'guardrails', (d) => (d.guardrails[0].action = 'alert')],
    ['no-hard-limit', 'guardrails[0].hardLimit', (d) => delete d.guardrails[0].hardLimit],
    ['slow-guardrail', 'guardrails[0].metric', (d) => (d.metrics['start-rate'].window = '3h')],
    [
      'many-variants',
      'variants',
      (d) => {
        for (const name of 'abcd') d.variants.push(variant(name, { model: name, rows: 6 }))
      },
    ],
    ['bundled-change', 'variants[1].config', (d) => (d.variants[1].config.rows = 7)],
    ['no-baseline', 'metrics.start-rate.baseline', (d) => delete d.metrics['start-rate'].baseline],
    ['large-first-stage', 'ramp.stages[0].trafficPercent', (d) => (d.ramp.stages[0].trafficPercent = 25)],
    ['ramp-past-horizon', 'ramp.stages', (d) => (d.ramp.stages[1].holdFor = '28d')],
    ['slow-guardrail', 'guardrails[0].metric', (d) => (d.metrics['start-rate'].delay = '90m')],
  ])('tells of %s at %s', (code, path, edit) => {
    const findings = findingsOf(edit)
    expect(findings.map((finding) => [finding.code, finding.path])).toEqual([[code, path]])
    expect(findings[0]!.detail).toMatch(/\.$/)
    expect(findings[0]!.remedy).toMatch(/\.$/)
  })

  it('tells of a trial that nothing guards', () => {
    const findings = findingsOf((definition) => {
      definition.guardrails = []
      definition.metrics.latency.role = 'quality'
    })
    expect(findings.map(({ code }) => code)).toEqual(['no-guardrail'])
  })

  it('says what it costs to keep serving', () => {
    const [finding] = findingsOf((definition) => (definition.whenStateLapses = 'keep-serving'))
    expect(finding!.detail).toContain('nothing bounds how long an abort takes')
  })
})
