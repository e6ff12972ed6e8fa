import { assign, loadExperiment } from '@fairtrial/assignment'
import { defineExperiment } from '@fairtrial/protocol'
import { expect, it } from 'vitest'
import { definition, isExposure, stateOf, syntheticLog } from '../test/synthetic-log.ts'
import { loadForReplay, replay } from './replay.ts'

const stages = [{ trafficPercent: 5, holdFor: '1h', minimumUnits: 100 }] as const
const plan = { ...definition, ramp: { stages } }
const narrow = defineExperiment(plan)
const baked = defineExperiment({ ...plan, ramp: { stages, bake: { for: '1d', holdbackPercent: 20 } } })

it('takes who is enrolled by a bake for nobody who leaked in', () => {
  const log = syntheticLog({ units: 400, of: narrow }).filter(isExposure)
  const withTraffic = (trafficPercent: number) => {
    const enrolling = loadExperiment(narrow, { ...stateOf(narrow, 1), trafficPercent })
    return log.filter((event) => assign(enrolling, event).reason === 'assigned')
  }
  const held = withTraffic(20)
  expect(held.length).toBeGreaterThan(withTraffic(5).length)
  expect(new Set(held.map((event) => replay(loadForReplay(baked), event)))).toEqual(new Set(['as-logged']))
  expect(held.map((event) => replay(loadForReplay(narrow), event))).toContain('leak')
})
