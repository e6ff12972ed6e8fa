import type { Experiment, SealedMetric } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { makeExperiment } from '../test/fixture.ts'
import type { GuardrailReading } from './guardrail-reading.ts'
import { believedOf, type LoggedKind } from './half-a-log.ts'

const plan = makeExperiment()
const breached: GuardrailReading = {
  metric: 'latency',
  variant: 'model',
  action: 'abort',
  shadow: false,
  verdict: 'breach',
  hardLimitBreached: true,
  interval: [1, 2],
  detail: 'worse.',
  hardLimitDetail: 'beyond it.',
}

/** What is believed of a breach of both, of a metric where few are better and a unit without any counts as zero. */
function believed(
  lacks: readonly LoggedKind[],
  change: Partial<SealedMetric> = {},
  limit: NonNullable<Experiment['guardrails'][number]['hardLimit']> = { worst: 0.3, minimumUnits: 10 },
) {
  const latency = { ...plan.metrics['latency']!, whenMissing: 'zero', ...change } as const
  const guardrails = plan.guardrails.map((guardrail) => ({ ...guardrail, hardLimit: limit }))
  const of = { ...plan, metrics: { ...plan.metrics, latency }, guardrails }
  const [reading] = believedOf(of, { detail: 'It lags.', lacks }, [breached])
  return { verdict: reading?.verdict, limit: reading?.hardLimitBreached }
}

const ALL = { verdict: 'breach', limit: true }
const LIMIT = { verdict: 'unknown', limit: true }
const NOTHING = { verdict: 'unknown', limit: false }

describe('FAULTS 54: of half a log', () => {
  it('a hard limit on what should be few is believed, and no interval', () => {
    for (const lacks of [['outcomes'], ['exposures'], ['exposures', 'outcomes', 'measurements']] as const)
      expect(believed(lacks)).toEqual(LIMIT)
    expect(believed(['outcomes'], {}, { worst: 0.3, minimumUnits: 10, within: '5m' })).toEqual(LIMIT)
  })

  it('nothing is believed that what is still to come could make better', () => {
    expect(believed(['outcomes'], { direction: 'increase' })).toEqual(NOTHING)
    expect(believed(['outcomes'], { type: 'ratio' })).toEqual(NOTHING)
    expect(believed(['outcomes'], { whenMissing: 'exclude' })).toEqual(NOTHING)
    expect(believed(['outcomes'], {}, { worst: -1, minimumUnits: 10 })).toEqual(NOTHING)
    expect(believed(['exposures'], {}, { worst: 0.3, minimumUnits: 10, within: '5m' })).toEqual(NOTHING)
  })

  it('what needs nothing of what is behind is believed as ever', () => {
    expect(believed(['measurements'])).toEqual(ALL)
    expect(believed(['exposures', 'outcomes'], { source: 'measurements' })).toEqual(ALL)
    expect(believed(['measurements'], { source: 'measurements' })).toEqual(NOTHING)
  })

  it('no guardrail that was proven harmless before is so by it, and none that is not known', () => {
    const ok = { ...breached, verdict: 'ok', hardLimitBreached: false } as const
    const incomplete = { detail: 'It lags.', lacks: ['outcomes'] } as const
    expect(believedOf(plan, incomplete, [ok, { ...breached, metric: 'forgotten' }])).toMatchObject([
      { verdict: 'unknown', interval: null },
      { verdict: 'unknown', hardLimitBreached: false, detail: expect.stringContaining('half a log') },
    ])
  })
})
