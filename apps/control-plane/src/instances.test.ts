import type { ServedReport } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { createInstances } from './instances.ts'

const report = (sequence: number, reportedAt: number, named: readonly string[] = []): ServedReport => ({
  schema: 'fairtrial.served/1',
  instanceId: 'a',
  sequence,
  reportedAt,
  experiments: named.map((experiment) => ({ experiment, revision: 1, served: [] })),
})

describe('instances', () => {
  it('keep the newest report, whatever order they arrive in', () => {
    const instances = createInstances()
    for (const sequence of [2, 1, 3, 2]) instances.report(report(sequence, sequence * 100), sequence)
    const newest = { report: report(3, 300), reportReceivedAt: 3, everNamed: [] }
    expect(instances.list()).toEqual([{ instanceId: 'a', leaseEndsAt: 0, ...newest }])
  })

  it('believe an instance that was started again under its old id', () => {
    const instances = createInstances()
    instances.report(report(500, 1000), 1000)
    instances.report(report(1, 2000), 2000)
    expect(instances.list()[0]?.report).toEqual(report(1, 2000))
  })

  it('keep every experiment that an id has named, in reports that came late too', () => {
    const instances = createInstances()
    instances.report(report(1, 3000, ['new']), 3000)
    instances.report(report(1, 2000, ['old', 'both']), 3001)
    instances.report(report(2, 4000, ['both']), 4000)
    expect(instances.list()).toMatchObject([
      { report: { sequence: 2 }, reportReceivedAt: 4000, everNamed: ['new', 'old', 'both'] },
    ])
  })

  it('believe an instance whose wall clock was set back', () => {
    const instances = createInstances()
    instances.report(report(5, 2000), 2000)
    instances.report(report(6, 1000), 1000)
    expect(instances.list()[0]?.report).toEqual(report(6, 1000))
  })

  it('forget one whose lease has long ended, and no other', () => {
    const instances = createInstances()
    instances.grant('old', 1000)
    instances.grant('new', 500_000)
    instances.forgetLapsed(601_001)
    expect(instances.list().map(({ instanceId }) => instanceId)).toEqual(['new'])
  })

  it('are bounded: one more is refused, one that is known is not', () => {
    const instances = createInstances()
    for (let i = 0; i < 10_000; i++) expect(instances.grant(String(i), 1)).toBe(true)
    expect(instances.grant('a', 1)).toBe(false)
    expect(instances.report(report(1, 1), 1)).toBe(false)
    expect(instances.grant('0', 2)).toBe(true)
  })

  describe('of experiments that keep serving when their state lapses', () => {
    const DAY = 86_400_000
    const ids = ({ list }: ReturnType<typeof createInstances>) => list().map(({ instanceId }) => instanceId)

    it('are not forgotten where one may serve on, and take up again what they were', () => {
      const instances = createInstances(new Set(['kept']))
      for (const id of ['kept', 'other', 'mute']) instances.grant(id, 1_000)
      instances.report({ ...report(1, 1, ['kept']), instanceId: 'kept' }, 1)
      instances.report({ ...report(1, 1, ['other']), instanceId: 'other' }, 1)
      instances.forgetLapsed(DAY)
      expect(ids(instances)).toEqual(['kept', 'mute'])
      expect([instances.count(), instances.completeSince()]).toEqual([0, Number.NEGATIVE_INFINITY])

      expect(instances.grant('kept', DAY + 1_000)).toBe(true)
      expect(instances.list()).toMatchObject(
        [
          { instanceId: 'mute' },
          { instanceId: 'kept', leaseEndsAt: DAY + 1_000, everNamed: ['kept'], report: { sequence: 1 } },
        ].toReversed(),
      )
      instances.forgetLapsed(DAY + 2_000)
      expect(instances.count()).toBe(1)
    })

    it('are bounded: of more, those silent for the longest go, and that they went is told', () => {
      const instances = createInstances(new Set(['kept']))
      for (let i = 0; i < 10_002; i++) {
        expect(instances.grant(String(i), i + 1)).toBe(true)
        if (i % 5_000 === 0) instances.forgetLapsed(DAY)
      }
      instances.forgetLapsed(DAY)
      expect([instances.count(), instances.list().length]).toEqual([0, 10_000])
      expect([ids(instances)[0], instances.completeSince()]).toEqual(['2', 2])
    })
  })
})
