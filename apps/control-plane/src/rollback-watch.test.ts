import type { Experiment, RolloutState } from '@fairtrial/protocol'
import type { InstanceRecord, RollbackProof } from '@fairtrial/rollout'
import { startRollout } from '@fairtrial/rollout'
import { expect, it } from 'vitest'
import { experiment } from '../test/trial.ts'
import { watchRollback } from './rollback-watch.ts'

const running = startRollout(experiment, { now: 1_000 })
const aborted: RolloutState = {
  ...running,
  status: 'aborted',
  revision: 2,
  trafficPercent: 0,
  changedAt: 2_000,
}

function instance(revision: number, servedUnder: number, lastServedAt: number): InstanceRecord {
  const served = [{ revision: servedUnder, variant: 'new', count: 3, lastServedAt }]
  return {
    instanceId: 'a',
    leaseEndsAt: 9_000,
    report: {
      schema: 'fairtrial.served/1',
      instanceId: 'a',
      sequence: 1,
      reportedAt: lastServedAt,
      experiments: [{ experiment: experiment.key, revision, served }],
    },
  }
}

function setUp(hasReplicas = false, of: Pick<Experiment, 'whenStateLapses'> = experiment) {
  const world = { now: 2_000, instances: [instance(1, 1, 1_900)], recordsSince: 0 }
  const lines: string[] = []
  const proofs: RollbackProof[] = []
  const watch = watchRollback({
    experiment: { ...experiment, ...of },
    instances: () => world.instances,
    recordsCompleteFrom: 0,
    recordsSince: () => world.recordsSince,
    leaseMs: 30_000,
    hasReplicas,
    now: () => world.now,
    log: (line) => lines.push(line),
    onProof: (proof) => proofs.push(proof),
  })
  return { world, lines, proofs, watch }
}

it('keeps the first proof, which says when, and still tells what arrives late', () => {
  const { world, lines, watch } = setUp()
  expect(watch(running)).toBeNull()
  expect(watch(aborted)?.proved).toBe(false)
  world.now = 2_300
  world.instances = [instance(2, 1, 2_100)]
  expect(watch(aborted)).toMatchObject({ proved: true, provedAt: 2_300, servedForMs: 100 })
  world.now = 5_000
  world.instances = [instance(2, 1, 2_200)]
  expect(watch(aborted)).toMatchObject({ proved: true, provedAt: 2_300, servedForMs: 200 })
  expect(lines).toEqual([
    'home-row: rollback proved 300 ms after revision 2; the last treatment was served 100 ms after it.',
  ])
})

it('takes the proof back where a treatment is served after it, and alarms once', () => {
  const { world, lines, watch } = setUp()
  world.instances = [instance(2, 1, 1_900)]
  expect(watch(aborted)?.proved).toBe(true)
  world.instances = [instance(2, 2, 2_500)]
  expect(watch(aborted)).toMatchObject({ proved: false, provedAt: null })
  watch(aborted)
  expect(lines.filter((line) => line.includes('STILL SERVED'))).toHaveLength(1)
})

it('FAULTS 58: alarms, once, where an instance does not take the rollback and no lease of its bounds it', () => {
  const { world, lines, proofs, watch } = setUp()
  world.instances = [{ ...instance(1, 1, 2_100), leaseEndsAt: 1e9 }]
  for (world.now = 2_000; world.now < 100_000; world.now += 1_000) watch(aborted)
  expect(lines).toEqual(['home-row: the rollback of revision 2 IS NOT PROVED, and should be by now.'])
  expect(proofs).toMatchObject([
    { proved: false, violated: [], waitingFor: [expect.stringMatching(/^a serves/)] },
  ])
  world.instances = [instance(2, 1, 100_000)]
  watch(aborted)
  expect(lines.at(-1)).toMatch(/rollback proved/)
})

it('is not held up by an instance that says that it was made without the experiment', () => {
  const { world, lines, watch } = setUp()
  const { report, ...record } = instance(1, 1, 2_100)
  const others = report && { ...report, experiments: [] }
  world.instances = [{ ...record, leaseEndsAt: 1e9, report: others, reportReceivedAt: 2_100 }]
  world.now = 2_200
  expect(watch(aborted)).toMatchObject({ proved: true, instances: { unconcerned: 1, waiting: 0 } })
  expect(lines).toEqual([
    'home-row: rollback proved 200 ms after revision 2; no treatment was reported served.',
  ])
})

it('proves nothing while a lease may run that another replica has granted', () => {
  const { world, watch } = setUp(true)
  world.instances = [instance(2, 1, 1_900)]
  // Changed at 2,000 by the clock of another replica; seen here at 5,000.
  world.now = 5_000
  const proof = watch(aborted)
  expect(proof).toMatchObject({
    proved: false,
    waitingFor: [expect.stringMatching(/by another replica.* 30 s/)],
  })
  world.now = 34_999
  expect(watch(aborted)?.proved).toBe(false)
  world.now = 35_000
  expect(watch(aborted)).toMatchObject({ proved: true, provedAt: 35_000 })
})

it('FAULTS 58: proves nothing, for good, where clients keep serving and one of them may not be known', () => {
  for (const [hasReplicas, recordsSince] of [
    [false, 1_001],
    [true, 0],
  ] as const) {
    const { world, lines, watch } = setUp(hasReplicas, { whenStateLapses: 'keep-serving' })
    Object.assign(world, { recordsSince, instances: [instance(2, 1, 1_900)] })
    for (world.now = 2_000; world.now < 1e9; world.now += 1e7) expect(watch(aborted)?.proved).toBe(false)
    expect(watch(aborted)?.waitingFor).toEqual([expect.stringContaining('cannot be proved from here')])
    expect(lines).toEqual(['home-row: the rollback of revision 2 IS NOT PROVED, and should be by now.'])
  }
  const { world, watch } = setUp(false, { whenStateLapses: 'keep-serving' })
  Object.assign(world, { recordsSince: 1_000, instances: [instance(2, 1, 1_900)] })
  expect(watch(aborted)?.proved).toBe(true)
})
