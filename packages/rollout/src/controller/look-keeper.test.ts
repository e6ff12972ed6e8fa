import { createFold, summaryOf } from '@fairtrial/metrics'
import { defineExperiment, type TrialSummary } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { definition } from '../../../fidelity/test/synthetic-log.ts'
import { memoryStateStore } from '../testing/index.ts'
import { createLookKeeper } from './look-keeper.ts'

const experiment = defineExperiment({
  ...definition,
  analysis: { method: 'group-sequential', maximumUnits: 10_000, looks: 5 },
})

/** So many closed units in each arm, the model's better by so much, and its start rate as given. */
function summaryAt(units: number, effect = 0, started = 0.8): TrialSummary {
  const empty = summaryOf(createFold(experiment, { phase: 1 }), units)
  const spread = (mean: number, variance: number) => {
    const moments = { n: units, mean, m2: variance * (units - 1) }
    return { closed: moments, current: moments, missing: 0 }
  }
  return {
    ...empty,
    units: { control: units, model: units },
    metrics: {
      watched: { control: spread(10, 25), model: spread(10 + effect, 25) },
      started: { control: spread(0.8, 0.16), model: spread(started, started * (1 - started)) },
    },
  }
}

const leads = () => ({})

const primary = ({ evaluation }: Awaited<ReturnType<ReturnType<typeof createLookKeeper>['evaluate']>>) =>
  evaluation.metrics['watched']!.comparisons['model']!

describe('looks', () => {
  it('are recorded before the evaluation is given away, each once, and none between them', async () => {
    const store = memoryStateStore()
    const keeper = createLookKeeper(experiment, store, 1, leads)
    for (const [units, looks] of [
      [500, 0],
      [1_000, 1],
      [1_100, 1],
      [1_500, 1],
      [2_050, 2],
    ] as const) {
      const { evaluation, error } = await keeper.evaluate(summaryAt(units))
      expect(error).toBeNull()
      expect(evaluation.looks.looks).toHaveLength(looks)
      expect((await store.looks('ranking', 1))?.looks ?? []).toEqual(evaluation.looks.looks)
    }
  })

  it('go on where a killed controller left them: what it spent is spent', async () => {
    const store = memoryStateStore()
    await createLookKeeper(experiment, store, 1, leads).evaluate(summaryAt(1_000))
    const again = createLookKeeper(experiment, store, 1, leads)
    expect(primary(await again.evaluate(summaryAt(1_000))).look).toMatchObject({ kind: 'glance', taken: 1 })
    const { looks } = (await again.evaluate(summaryAt(2_000))).evaluation.looks
    expect(looks.map(({ look, informationFraction }) => [look, informationFraction])).toEqual([
      [1, 0.2],
      [2, 0.4],
    ])
    expect(looks[1]!.alphaSpent).toBeGreaterThan(looks[0]!.alphaSpent)
  })

  it('keep what they have decided, also over a restart', async () => {
    const store = memoryStateStore()
    const decided = await createLookKeeper(experiment, store, 1, leads).evaluate(summaryAt(2_000, 1))
    expect(primary(decided).verdict).toBe('better')
    const after = primary(await createLookKeeper(experiment, store, 1, leads).evaluate(summaryAt(2_300, 0)))
    expect(after).toMatchObject({ verdict: 'better', look: { kind: 'done' } })
  })

  it('of two controllers are taken once: the second goes on from the first one’s', async () => {
    const store = memoryStateStore()
    const [one, two] = [
      createLookKeeper(experiment, store, 1, leads),
      createLookKeeper(experiment, store, 1, leads),
    ]
    await Promise.all([one.evaluate(summaryAt(900)), two.evaluate(summaryAt(900))])
    const both = await Promise.all([one.evaluate(summaryAt(1_000)), two.evaluate(summaryAt(1_000, 0.1))])
    expect(both.map(({ error }) => error)).toEqual([null, null])
    expect((await store.looks('ranking', 1))?.looks).toHaveLength(1)
    expect(both.map((each) => primary(each).look?.taken)).toEqual([1, 1])
  })

  it('of a trial whose time is over is the last one, and spends what is left', async () => {
    const store = memoryStateStore()
    const keeper = createLookKeeper(experiment, store, 1, leads)
    expect(primary(await keeper.evaluate(summaryAt(800), true)).look).toMatchObject({
      kind: 'final',
      nextAt: null,
      alphaSpent: 0.05,
    })
    expect(primary(await keeper.evaluate(summaryAt(2_000, 1), true))).toMatchObject({
      verdict: 'unknown',
      look: { kind: 'glance' },
    })
  })

  it('that make no sense leave the primaries open, and guardrails are judged all the same', async () => {
    const memory = memoryStateStore()
    await createLookKeeper(experiment, memory, 1, leads).evaluate(summaryAt(1_000))
    const kept = (await memory.looks('ranking', 1))!
    const damaged = { ...kept, looks: kept.looks.map((look) => ({ ...look, informationFraction: -1 })) }
    const keeper = createLookKeeper(experiment, { ...memory, looks: async () => damaged }, 1, leads)
    const read = await keeper.evaluate(summaryAt(2_000, 1, 0.6))
    expect(read.error?.message).toMatch(/not one that this plan has written/)
    expect(primary(read)).toMatchObject({ verdict: 'unknown', look: { kind: 'glance' } })
    expect(read.evaluation.metrics['started']!.comparisons['model']!.verdict).toBe('breach')
  })

  it.each(['looks', 'recordLooks'] as const)(
    'that cannot be recorded (%s fails) are not taken; guardrails are judged all the same, and the error is told',
    async (method) => {
      const memory = memoryStateStore()
      let isBroken = true
      const store = {
        ...memory,
        [method]: (...args: never[]) =>
          isBroken
            ? Promise.reject(new Error('disk on fire'))
            : (memory[method] as (...args: never[]) => unknown)(...args),
      }
      const keeper = createLookKeeper(experiment, store as typeof memory, 1, leads)
      const failed = await keeper.evaluate(summaryAt(2_000, 1, 0.6))
      expect(failed.error?.message).toBe('disk on fire')
      expect(primary(failed)).toMatchObject({ verdict: 'unknown', look: { kind: 'glance', taken: 0 } })
      expect(failed.evaluation.metrics['started']!.comparisons['model']!.verdict).toBe('breach')
      expect(await memory.looks('ranking', 1)).toBeNull()
      isBroken = false
      expect(primary(await keeper.evaluate(summaryAt(2_000, 1))).verdict).toBe('better')
    },
  )
})
