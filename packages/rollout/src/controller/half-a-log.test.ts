import { defineExperiment, type ExperimentDefinition, type LogEvent } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import {
  definition,
  isExposure,
  isOutcome,
  START,
  syntheticLog,
} from '../../../fidelity/test/synthetic-log.ts'
import { MINUTE } from '../../test/fixture.ts'
import { arrayLog } from '../../test/array-log.ts'
import type { Incomplete } from '../half-a-log.ts'
import { memoryStateStore } from '../testing/index.ts'
import { createController } from './controller.ts'
import type { EventLog } from './event-log.ts'

const trial = (changes: object) =>
  defineExperiment({
    ...definition,
    ramp: { stages: [{ trafficPercent: 100, holdFor: '10m', minimumUnits: 100 }] },
    ...changes,
  } as ExperimentDefinition)

const limited = trial({
  metrics: {
    ...definition.metrics,
    errors: { type: 'proportion', role: 'guardrail', direction: 'decrease', window: '1m' },
  },
  guardrails: [
    ...definition.guardrails,
    { metric: 'errors', margin: { absolute: 1 }, class: 'critical', hardLimit: { worst: 0.3 } },
  ],
})

/** Whoever watches starts; but the model fails for all from a minute on. */
function eventsOf(of: typeof limited, failsFrom = Number.POSITIVE_INFINITY): LogEvent[] {
  return syntheticLog({ of }).map((event) => {
    const fails = isOutcome(event) && event.occurredAt >= START + failsFrom * MINUTE
    return fails ? { ...event, name: 'errors' } : event
  })
}

/** A controller over a log of which something is known to be missing from a minute on, until another. */
function setUp(
  experiment: typeof limited,
  events: readonly LogEvent[],
  incomplete: Incomplete,
  [from, until] = [20, 40],
  isSlow: (unitId: string) => boolean = (unitId) => unitId.endsWith('0'),
) {
  let elapsed = 0
  const isLagging = () => elapsed >= from * MINUTE && elapsed < until * MINUTE
  const memory = arrayLog(() => START + elapsed, [])
  // What is behind comes in when it is not any more.
  const isBehind = (event: LogEvent) => isLagging() && isOutcome(event) && isSlow(event.unitId)
  const kept: LogEvent[] = []
  let next = 0
  const rising = events.toSorted((a, b) => (a.receivedAt ?? 0) - (b.receivedAt ?? 0))
  const land = () => {
    const landed: LogEvent[] = isLagging() ? [] : kept.splice(0)
    for (; next < rising.length && (rising[next]!.receivedAt ?? 0) <= START + elapsed; next++) {
      if (isBehind(rising[next]!)) kept.push(rising[next]!)
      else landed.push(rising[next]!)
    }
    memory.append(landed)
  }
  const log: EventLog = {
    async readFrom(cursor) {
      land()
      const batch = await memory.log.readFrom(cursor as number | null)
      return isLagging() ? { ...batch, incomplete } : batch
    },
  }
  const store = memoryStateStore()
  const clock = { now: () => START + elapsed, monotonic: () => elapsed }
  const controller = createController({ experiment, log, store, clock })
  const tickAt = (minute: number) => {
    elapsed = minute * MINUTE
    return controller.tick()
  }
  return { tickAt, store }
}

const lag: Incomplete = {
  detail: 'outcomes, partition 0, lags: 9 records have not landed.',
  lacks: ['outcomes'],
}

describe('FAULTS 54: a topic that lags', () => {
  it('hides no catastrophe: what has come of it is enough for the hard limit', async () => {
    const { tickAt } = setUp(limited, eventsOf(limited, 8), lag, [8, 1e9])
    const rules: string[] = []
    for (let minute = 0; minute <= 30; minute++) {
      const { decision, state } = await tickAt(minute)
      rules.push(decision?.rule ?? 'none')
      if (state?.status === 'aborted') break
    }
    expect(rules.slice(8)).toContain('missing-evidence')
    expect(rules.at(-1)).toBe('hard-limit')
  })

  it('holds a healthy rollout, however little has come, audits nothing, and lets it go on with all of it', async () => {
    const events = eventsOf(limited)
    const arms = new Map(events.filter(isExposure).map(({ unitId, variant }) => [unitId, variant]))
    // Which looks like harm, by the interval of what should increase.
    const { tickAt } = setUp(limited, events, lag, [20, 40], (unitId) => arms.get(unitId) === 'model')
    for (let minute = 0; minute < 20; minute++)
      expect((await tickAt(minute)).decision?.action).not.toBe('abort')
    for (let minute = 20; minute < 40; minute++) {
      const { decision, audit, evaluation, incomplete, consecutiveErrors, error } = await tickAt(minute)
      expect(decision).toMatchObject({
        action: 'hold',
        rule: 'missing-evidence',
        reasons: [lag.detail],
        changesWhen: [
          expect.stringContaining('when what is behind has come'),
          expect.anything(),
          expect.anything(),
        ],
      })
      expect({ audit, incomplete, consecutiveErrors, error }).toEqual({
        audit: null,
        incomplete: lag,
        consecutiveErrors: 0,
        error: null,
      })
      expect(evaluation?.units['model']).toBeGreaterThan(0)
    }
    const { audit, decision, incomplete } = await tickAt(40)
    expect([audit?.findings.filter(({ code }) => code === 'sequence-gap'), incomplete]).toEqual([
      [],
      undefined,
    ])
    expect(decision?.rule).not.toBe('missing-evidence')
  })

  it('takes no look, also where the plan has one due, until all has come', async () => {
    const planned = trial({
      guardrails: [],
      analysis: { method: 'group-sequential', maximumUnits: 1_500, looks: 3 },
      metrics: { started: { ...definition.metrics.started, role: 'primary' } },
      hypothesis: { ...definition.hypothesis, metric: 'started' },
    })
    const { tickAt, store } = setUp(
      planned,
      eventsOf(planned).filter((e) => isExposure(e) || isOutcome(e)),
      lag,
      [1, 35],
    )
    for (let minute = 0; minute < 35; minute++) await tickAt(minute)
    expect((await store.looks(planned.key, 1))?.looks ?? []).toEqual([])
    await tickAt(35)
    expect((await store.looks(planned.key, 1))?.looks).not.toEqual([])
  })
})
