import { defineExperiment } from '@fairtrial/protocol'
import type { CheckAction, ExperimentDefinition, LogEvent } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { definition, isExposure, seeded, START, syntheticLog } from '../../../fidelity/test/synthetic-log.ts'
import { MINUTE } from '../../test/fixture.ts'
import { setUp } from '../../test/looped.ts'

const experimentWith = (changes: Partial<ExperimentDefinition>) =>
  defineExperiment({
    ...definition,
    ramp: { stages: [{ trafficPercent: 100, holdFor: '30m', minimumUnits: 100 }] },
    ...changes,
  } as ExperimentDefinition)

/** From log to decision, as it stands at the end of each minute; the first that is no longer to go on. */
async function firstStop(experiment: ReturnType<typeof experimentWith>, events: readonly LogEvent[]) {
  const { tickAt } = setUp(events, { experiment })
  await tickAt(0)
  for (let minute = 1; minute <= 28; minute++) {
    const { decision } = await tickAt(minute * MINUTE)
    if (decision?.action === 'abort' || decision?.action === 'hold') return { minute, decision }
  }
  return null
}

describe('FAULTS 60: a hard limit on the last minutes', () => {
  const limited = experimentWith({
    metrics: {
      watched: definition.metrics.watched,
      errors: { type: 'proportion', role: 'guardrail', direction: 'decrease', window: '1m' },
    },
    guardrails: [
      {
        metric: 'errors',
        margin: { absolute: 1 },
        class: 'critical',
        hardLimit: { worst: 0.3, within: '1m', confirm: { breaches: 2, of: 3 } },
      },
    ],
  })
  /** Nine of ten units of the model have an error in these minutes, of some 33 that it has in each. */
  const failingIn = (isBad: (minute: number) => boolean): LogEvent[] => {
    const random = seeded(3)
    let sequence = 0
    return syntheticLog({ of: limited, outcomes: false }).flatMap((event): LogEvent[] => {
      if (!isExposure(event)) return [event]
      const isHit = event.variant === 'model' && isBad((event.exposedAt - START) / MINUTE) && random() < 0.9
      const occurredAt = event.exposedAt + 1_000
      if (!isHit) return [event]
      return [
        event,
        {
          schema: 'fairtrial.outcome/1',
          outcomeId: `o-${event.unitId}`,
          name: 'errors',
          unitType: 'viewer',
          unitId: event.unitId,
          value: 1,
          occurredAt,
          receivedAt: occurredAt,
          producerId: 'errors',
          sequence: ++sequence,
          sdk: 'test/1',
        },
      ]
    })
  }

  it('aborts within three minutes of a catastrophe, long before the mean of the phase is beyond it', async () => {
    const stop = await firstStop(
      limited,
      failingIn((minute) => minute >= 20),
    )
    expect(stop!.decision).toMatchObject({ action: 'abort', rule: 'hard-limit' })
    expect(stop!.minute).toBeGreaterThan(20)
    expect(stop!.minute).toBeLessThanOrEqual(23)
    expect(stop!.decision.reasons[0]).toMatch(
      /^Hard limit on errors: model stands at \d+\.?\d* % over \d+ units of the last 1m; the worst allowed is 30 %, beyond it at [23] of the last 3 minutes where 2 act\./,
    )
  })

  it('is not met by one bad minute', async () => {
    expect(
      await firstStop(
        limited,
        failingIn((minute) => minute >= 10 && minute < 10.9),
      ),
    ).toBeNull()
  })
})

describe('an input that is watched', () => {
  const watching = (action: CheckAction) =>
    experimentWith({ inputs: { platform: { type: 'text', reference: { phone: 0.6, tv: 0.4 }, action } } })
  const eventsOf = (experiment: ReturnType<typeof watching>, drifts: boolean) => {
    const random = seeded(4)
    return syntheticLog({ of: experiment }).map((event) => {
      if (!isExposure(event)) return event
      const isPhone = random() < (drifts && event.exposedAt > START + 5 * MINUTE ? 0.05 : 0.6)
      const features = { platform: isPhone ? 'phone' : 'tv' }
      return { ...event, context: { schemaVersion: '1', features } }
    })
  }
  const stopOf = (action: CheckAction, drifts = true) =>
    firstStop(watching(action), eventsOf(watching(action), drifts))

  it('holds, aborts or only warns when it drifts, as the plan says', async () => {
    const held = await stopOf('hold')
    expect(held!.decision.action).toBe('hold')
    expect(held!.decision.reasons.join(' ')).toContain('Input platform has drifted from its reference')
    expect((await stopOf('abort'))!.decision).toMatchObject({ action: 'abort', rule: 'check-failed' })
    expect(await stopOf('warn')).toBeNull()
  })

  it('lets a rollout go on that it does not concern', async () => {
    expect(await stopOf('abort', false)).toBeNull()
  })
})
