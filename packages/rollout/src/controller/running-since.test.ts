import { expect, it } from 'vitest'
import type { Experiment, RolloutState } from '@fairtrial/protocol'
import { fileStateStore, runningSince } from './index.ts'

const DAY = 86_400_000
const definition = { fingerprint: 'f', metrics: {} } as Experiment

const of = (state: Partial<RolloutState> | null, by: readonly Experiment[] = [definition]) => {
  const whole = state && ({ fingerprint: 'f', ...state } as RolloutState)
  return runningSince({ read: async () => whole }, 'autoplay', by)
}

it('tells since when a phase runs, and nothing of one that is over, or of what is no experiment', async () => {
  for (const status of ['running', 'holding', 'baking'] as const)
    expect(await of({ status, startedAt: 7 })).toBe(7)
  for (const status of ['aborted', 'stopped', 'shipped'] as const)
    expect(await of({ status, startedAt: 7 })).toBeNull()
  expect(await of(null)).toBeNull()
  const store = fileStateStore({ directory: '/nowhere' })
  expect(await runningSince(store, '../../secrets', [definition])).toBeNull()
  const down = { read: async () => Promise.reject(new Error('down')) }
  await expect(runningSince(down, 'autoplay', [definition])).rejects.toThrow('down')
})

it('counts what lies before the start, as far as the longest covariate reaches back', async () => {
  const covariates = [{ event: 'a', before: '14d' }, { event: 'b', before: '28d' }, { column: 'c' }]
  const metrics = { started: { covariates }, crashed: {} }
  const reaching = { fingerprint: 'r', metrics } as unknown as Experiment
  expect(
    await of({ status: 'running', fingerprint: 'r', startedAt: 100 * DAY }, [definition, reaching]),
  ).toBe(72 * DAY)
})

it('takes all that was ever before for evidence where nobody knows by what definition the phase runs', async () => {
  const running = { status: 'holding', startedAt: 7 } as const
  expect(await of(running, [])).toBe(-Infinity)
  expect(await of({ ...running, fingerprint: 'another' })).toBe(-Infinity)
  expect(await of({ ...running, status: 'aborted' }, [])).toBeNull()
})
