import { expect, it } from 'vitest'
import { homeRowRanking } from '../src/experiment.ts'
import { scenarios } from '../src/scenarios.ts'
import { runInOneProcess } from './one-process.ts'

it('FAULTS 60: a catastrophe aborts by its hard limit, before any interval has the units to decide', async () => {
  const { popularity, session } = scenarios.healthy.behaviours
  const scenario = {
    ...scenarios.healthy,
    behaviours: { popularity, session: { ...session, baseLatencyMs: 3_000 } },
  }
  const { state, lines } = await runInOneProcess({ trial: homeRowRanking, scenario, seed: 7, seconds: 10 })
  expect(state).toMatchObject({ status: 'aborted', stage: 0 })
  const units = Number(/(\d+) units/.exec(state.cause)?.[1])
  expect(lines.at(-1)).toMatch(/limit/)
  expect(units).toBeGreaterThanOrEqual(20)
  expect(units).toBeLessThan(100)
})
