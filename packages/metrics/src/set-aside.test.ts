import { describe, expect, it } from 'vitest'
import { exposure, outcome, trial } from '../test/trial.ts'
import { mergeSummaries } from './merge-summaries.ts'
import { summarize } from './summarize.ts'

const rules = [
  { name: 'bots', feature: 'client', in: ['crawler'] },
  { name: 'staff', unitIds: ['anna'] },
]
const plan = trial({ exclusions: { version: '1', rules }, trigger: 'has-session' })
const at = { asOf: 1_000_000, phase: 1 }
const met = { trigger: 'has-session' }
const crawler = { context: { schemaVersion: '1', features: { client: 'crawler' } } }

const kept = [exposure(plan, 'kept', 'model', 1_000, met), outcome('kept', 'started', 2_000)]
const aside = [
  exposure(plan, 'kept', 'control', 1, { ...met, reason: 'overridden' }),
  exposure(plan, 'tester', 'control', 1_000, { ...met, reason: 'overridden' }),
  exposure(plan, 'crawler', 'model', 1_000, { ...met, ...crawler }),
  exposure(plan, 'anna', 'model', 1_000, met),
  exposure(plan, 'untouched', 'control', 1_000),
  exposure(plan, 'kept', 'control', 2, { trigger: 'another' }),
  exposure(plan, 'ahead', 'control', 400_000, { ...met, receivedAt: 1_000 }),
  outcome('kept', 'started', 1e14),
  outcome('kept', 'started', 301_001, 1, { receivedAt: 1_000 }),
]

describe('exposures that enter no analysis', () => {
  it('C13, FAULTS 37: change no number, in any order, and are counted by why', () => {
    const alone = summarize(plan, kept, at)
    for (const events of [
      [...aside, ...kept],
      [...kept, ...aside],
    ]) {
      const { counts, ...numbers } = summarize(plan, events, at)
      expect({ ...numbers, counts: alone.counts }).toEqual(alone)
      expect(counts).toEqual({
        ...alone.counts,
        overriddenExposures: 2,
        excludedExposures: 2,
        untriggeredExposures: 2,
        mistimedEvents: 3,
      })
    }
    expect(alone.units).toEqual({ control: 0, model: 1, 'model-b': 0 })
    expect(Object.keys(alone.counts)).not.toContain('mistimedEvents')
  })

  it('are added up where summaries merge, whichever of them has any', () => {
    const [clean, dirty] = [summarize(plan, kept, at), summarize(plan, aside, at)]
    for (const merged of [mergeSummaries(clean, dirty), mergeSummaries(dirty, clean)])
      expect(merged.counts).toMatchObject({ overriddenExposures: 2, mistimedEvents: 3 })
    expect(mergeSummaries(dirty, dirty).counts).toMatchObject({ excludedExposures: 4 })
  })

  it('FAULTS 35: a unit is first exposed at the earliest time that it counts, read in any order', () => {
    const late = [
      exposure(plan, 'u', 'model', 30 * 86_400_000, met),
      exposure(plan, 'u', 'model', 1_000, { ...met, receivedAt: 30 * 86_400_000 }),
    ]
    const early = outcome('u', 'started', 5_000)
    for (const events of [
      [...late, early],
      [early, ...late.toReversed()],
    ]) {
      const summary = summarize(plan, events, { asOf: 31 * 86_400_000, phase: 1 })
      expect(summary.metrics['started']!['model']!.closed).toMatchObject({ n: 1, mean: 1 })
    }
  })
})
