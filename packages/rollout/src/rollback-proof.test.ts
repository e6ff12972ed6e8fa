import type { RolloutState, ServedCount } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { makeExperiment } from '../test/fixture.ts'
import { proveRollback, sayLastTreatment } from './rollback-proof.ts'
import type { InstanceRecord } from './rollback-proof.ts'
import { startRollout } from './start.ts'

const experiment = makeExperiment()
const aborted: RolloutState = {
  ...startRollout(experiment, { now: 1_000 }),
  status: 'aborted',
  trafficPercent: 0,
  revision: 5,
  changedAt: 10_000,
}

function instance(
  instanceId: string,
  revision: number | null,
  served: ServedCount[] = [],
  leaseEndsAt = 40_000,
): InstanceRecord {
  const experiments = [{ experiment: 'ranking', revision: revision ?? 0, served }]
  const report = {
    schema: 'fairtrial.served/1',
    instanceId,
    sequence: 1,
    reportedAt: 11_000,
    experiments,
  } as const
  return { instanceId, leaseEndsAt, report: revision === null ? null : report }
}

const served = (revision: number, variant: string | null, lastServedAt: number): ServedCount => ({
  revision,
  variant,
  count: 3,
  lastServedAt,
})

const prove = (instances: InstanceRecord[], now = 12_000) =>
  proveRollback({ experiment, state: aborted, instances, now })

describe('proveRollback', () => {
  it('is asked of a bake that was taken back: what had shipped was served to who was not enrolled', () => {
    const baked = instance('a', 4, [served(4, 'model', 11_500)])
    expect(prove([baked])).toMatchObject({ proved: false, lastTreatmentServedAt: 11_500, servedForMs: 1_500 })
    const back = instance('a', 5, [served(4, 'model', 11_500), served(5, null, 11_800)])
    expect(prove([back])).toMatchObject({ proved: true, servedForMs: 1_500 })
  })

  it('is proved when every live instance has acknowledged and served no treatment since', () => {
    const proof = prove([
      instance('a', 5, [served(4, 'model', 10_400), served(5, null, 11_000)]),
      instance('b', 6, [served(5, 'control', 11_000)]),
    ])
    expect(proof).toMatchObject({ proved: true, provedAt: 12_000, waitingFor: [], violated: [] })
    expect(proof).toMatchObject({
      lastTreatmentServedAt: 10_400,
      servedForMs: 400,
      instances: { acknowledged: 2 },
    })
  })

  it('waits for a silent instance until the lease it was last granted ends', () => {
    const instances = [
      instance('a', 5),
      instance('frozen', 4, [served(4, 'model', 9_000)], 40_000),
      instance('mute', null),
    ]
    const waiting = prove(instances)
    expect(waiting.proved).toBe(false)
    expect(waiting.waitingFor).toHaveLength(2)
    expect(waiting.waitingFor[0]).toContain('frozen serves from revision 4, not 5; its lease ends in 28 s')
    expect(prove(instances, 39_999).proved).toBe(false)
    expect(prove(instances, 40_000)).toMatchObject({ proved: true, servedForMs: 0, instances: { lapsed: 2 } })
  })

  describe('of an instance that was made without the experiment', () => {
    const other = { experiment: 'other', revision: 3, served: [] }
    const without = (reportReceivedAt?: number, everNamed = ['other']): InstanceRecord => {
      const { report, ...record } = instance('web', 4)
      const changed = report && { ...report, experiments: [other] }
      return { ...record, report: changed, everNamed, ...(reportReceivedAt && { reportReceivedAt }) }
    }
    const proveWith = (record: InstanceRecord, now = 12_000, keeps = false) =>
      proveRollback({
        experiment: { ...experiment, whenStateLapses: keeps ? 'keep-serving' : 'serve-control' },
        state: aborted,
        instances: [record],
        now,
        leaseMs: 30_000,
      })

    it('needs nothing of it, once it has reported since', () => {
      expect(proveWith(without(9_999))).toMatchObject({
        proved: false,
        waitingFor: ['web has not said since what it serves; its lease ends in 28 s.'],
      })
      expect(proveWith(without()).proved).toBe(false)
      const instances = { acknowledged: 0, lapsed: 0, unconcerned: 1, waiting: 0 }
      expect(proveWith(without(10_000))).toMatchObject({ proved: true, instances })
      expect(proveWith(without(10_000), 12_000, true)).toMatchObject({ proved: true, instances })
    })

    it('waits for the leases of before where another process under its id had it', () => {
      const restarted = without(11_000, ['ranking', 'other'])
      expect(proveWith({ ...restarted, leaseEndsAt: 90_000 }, 39_999).waitingFor).toEqual([
        'web was started again without ranking, and what ran before under its id may still serve it; its lease ends in 1 ms.',
      ])
      expect(proveWith({ ...restarted, leaseEndsAt: 90_000 }, 40_000)).toMatchObject({
        proved: true,
        instances: { unconcerned: 1 },
      })
      expect(proveWith(restarted, 1e9, true).waitingFor[0]).toContain('no lease bounds it')
    })

    it('believes no report from before the records were complete', () => {
      const input = { experiment, state: aborted, recordsCompleteFrom: 20_000, now: 25_000 }
      expect(proveRollback({ ...input, instances: [without(19_000)] }).proved).toBe(false)
      expect(proveRollback({ ...input, instances: [without(21_000)] }).proved).toBe(true)
    })
  })

  it('takes no lapsed lease for a proof where clients keep serving', () => {
    const keeping = { ...experiment, whenStateLapses: 'keep-serving' } as const
    const proof = proveRollback({
      experiment: keeping,
      state: aborted,
      instances: [instance('a', 4)],
      now: 99_000,
    })
    expect(proof.waitingFor[0]).toContain('no lease bounds it')
  })

  it('is had where clients keep serving from those only who were there when the phase began', () => {
    const keeping = { ...experiment, whenStateLapses: 'keep-serving' } as const
    const input = { experiment: keeping, state: aborted, instances: [instance('a', 5)] }
    const proveAt = (now: number, records: { recordsCompleteFrom?: number; recordsSince?: number }) =>
      proveRollback({ ...input, ...records, now })
    expect(proveAt(1e9, { recordsCompleteFrom: 31_000, recordsSince: 1_000 }).proved).toBe(true)
    for (const records of [
      { recordsCompleteFrom: 31_000, recordsSince: 1_001 },
      { recordsSince: Number.POSITIVE_INFINITY },
      { recordsSince: Number.NaN },
      { recordsCompleteFrom: 31_000 },
    ]) {
      const { proved, waitingFor } = proveAt(1e15, records)
      expect({ proved, waitingFor }).toEqual({
        proved: false,
        waitingFor: [
          expect.stringMatching(/^Not every instance .* phase 1 .* cannot be proved from here\.$/),
        ],
      })
      // Where a lease bounds them, only the leases are waited for.
      expect(proveRollback({ ...input, experiment, ...records, now: 1e15 }).proved).toBe(true)
    }
  })

  it('is violated by a treatment served under the revision that withdrew it, and names the instance', () => {
    const proof = prove([instance('rogue', 5, [served(5, 'model', 11_500)])], 99_000)
    expect(proof.proved).toBe(false)
    expect(proof.violated).toEqual(['rogue served model 3 times under revision 5, which withdrew it.'])
  })

  it('proves nothing while records lost in a restart may name leases that still run', () => {
    const input = { experiment, state: aborted, instances: [], recordsCompleteFrom: 20_000 }
    expect(proveRollback({ ...input, now: 19_999 }).proved).toBe(false)
    expect(proveRollback({ ...input, now: 20_000 }).proved).toBe(true)
  })

  it('says when the last treatment was served, and that none was where none was', () => {
    expect(sayLastTreatment(prove([]))).toBe('no treatment was reported served')
    expect(sayLastTreatment(prove([instance('a', 5, [served(4, 'model', 9_000)])]))).toBe(
      'no treatment was served after it',
    )
    expect(sayLastTreatment(prove([instance('a', 5, [served(4, 'model', 10_400)])]))).toBe(
      'the last treatment was served 400 ms after it',
    )
  })

  it('proves nothing of a rollout that is running', () => {
    const state = { ...aborted, status: 'running' } as const
    expect(proveRollback({ experiment, state, instances: [], now: 12_000 }).waitingFor[0]).toContain(
      'no rollback has been ordered',
    )
  })
})
