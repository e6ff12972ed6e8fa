import { describe, expect, it } from 'vitest'
import { changed, problemsOf } from '../test/refusal.ts'
import { defineExperiment } from './define.ts'
import type { ExposureEvent } from './events.ts'
import { type ExclusionRule, excludedBy } from './exclusions.ts'
import { isMistimed, setAsideAs } from './set-aside.ts'

const rules: ExclusionRule[] = [
  { name: 'bots', feature: 'client', in: ['crawler', null] },
  { name: 'staff', unitIds: ['anna'] },
]
const exclusions = { version: '2026-03', rules }
const noon = Date.UTC(2026, 0, 1, 12)
const exposed = (fields: Partial<ExposureEvent>) =>
  ({ unitId: 'u', reason: 'assigned', exposedAt: noon, ...fields }) as ExposureEvent
const from = (client: string | null) => ({ context: { schemaVersion: '1', features: { client } } })

describe('exclusions', () => {
  it('C13: set a unit aside by a feature of its exposure or by name, the first rule that holds', () => {
    expect(excludedBy(exclusions, exposed(from('crawler')))).toBe('bots')
    expect(excludedBy(exclusions, exposed({ ...from(null), unitId: 'anna' }))).toBe('bots')
    expect(excludedBy(exclusions, exposed({ unitId: 'anna' }))).toBe('staff')
    for (const one of [from('tv'), {}, { context: { schemaVersion: '1', features: {} } }])
      expect(excludedBy(exclusions, exposed(one))).toBeNull()
  })

  it('name each rule, and each value in it, once', () => {
    const twice = changed((definition) => {
      definition.exclusions = {
        version: '1',
        rules: [
          { name: 'bots', feature: 'client', in: ['a', 'b', 'a'] },
          { name: 'bots', unitIds: ['anna', 'anna'] },
        ],
      }
    })
    expect(problemsOf(twice)).toEqual([
      'exclusions.rules[0].in[2]: "a" stands in the rule twice.',
      'exclusions.rules[1].name: "bots" is a rule already: traffic is counted by rule.',
      'exclusions.rules[1].unitIds[1]: "anna" stands in the rule twice.',
    ])
  })

  it('are part of the design: another version is another fingerprint', () => {
    const of = (version: string) =>
      defineExperiment(changed((definition) => (definition.exclusions = { version, rules }))).fingerprint
    expect(of('1')).not.toBe(of('2'))
  })
})

describe('an exposure that enters no analysis', () => {
  const plan = { exclusions, trigger: 'has-session' }

  it('is told why, the first of the reasons', () => {
    const met = { trigger: 'has-session' }
    expect(setAsideAs(plan, exposed(met))).toBeNull()
    expect(setAsideAs(plan, exposed({}))).toBe('untriggered')
    expect(setAsideAs(plan, exposed({ trigger: 'other' }))).toBe('untriggered')
    expect(setAsideAs(plan, exposed({ ...met, unitId: 'anna' }))).toBe('excluded')
    expect(setAsideAs(plan, exposed({ ...met, unitId: 'anna', exposedAt: 1e16 }))).toBe('mistimed')
    expect(setAsideAs(plan, exposed({ ...met, reason: 'overridden' }))).toBe('overridden')
    expect(setAsideAs({}, exposed({ trigger: 'other' }))).toBeNull()
  })

  it('FAULTS 37: is one more than 5 minutes ahead of its receipt, a year behind it, or after 2286', () => {
    for (const at of [Number.NaN, Infinity, 1e13, noon * 1_000, noon + 300_001, noon + 3e11, noon / 1_000, 0])
      expect(isMistimed(at, noon), String(at)).toBe(true)
    for (const at of [noon, noon + 300_000, noon - 86_400_000, noon - 30 * 86_400_000])
      expect(isMistimed(at, noon), String(at)).toBe(false)
    expect(isMistimed(1_000, undefined)).toBe(false)
    expect(isMistimed(1e13, undefined)).toBe(true)
  })
})
