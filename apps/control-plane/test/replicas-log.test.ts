import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, givenSnapshot } from '@fairtrial/client'
import { snapshotOf, stateFor } from '@fairtrial/client/testing'
import { postgresForTests } from '@fairtrial/databases'
import { memorySink } from '@fairtrial/exposure'
import { defineExperiment, type Experiment } from '@fairtrial/protocol'
import type { RolloutHistory, RolloutView } from '@fairtrial/rollout'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { localPlane, NDJSON } from './local-plane.ts'
import { spawnPlane } from './spawned-plane.ts'
import { definition, experiment as plain } from './trial.ts'

const database = await postgresForTests()
const patient = { timeout: 60_000 }

/** Errors of more than half of the treated abort it, once there are enough of them. */
const ENOUGH = 80
const harmed = {
  ...definition,
  metrics: {
    ...definition.metrics,
    errors: { type: 'proportion', role: 'guardrail', direction: 'decrease', window: '1h' },
  },
  guardrails: [
    {
      metric: 'errors',
      margin: { absolute: 0.05 },
      action: 'abort',
      hardLimit: { worst: 0.5, minimumUnits: ENOUGH },
    },
  ],
} as const
const experiment = defineExperiment(harmed)

let postgres: string
const ends: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  if (!database.isMissing) postgres = await database.createDatabase()
})
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** What a service writes of 200 viewers, about 50 of which are treated, and meet errors. */
async function writtenBy(instanceId: string, trial: Experiment) {
  const sink = memorySink()
  const source = givenSnapshot(snapshotOf([stateFor(trial, { trafficPercent: 50 })]))
  const client = createClient({ experiments: [trial], source, sink, instanceId })
  await client.ready()
  const units = { old: 0, new: 0 }
  for (let i = 0; i < 200; i++) {
    const viewer = { unitType: 'viewer', unitId: `${instanceId}/${i}` }
    const arm = client.assign(trial, viewer)
    client.expose(arm)
    if (arm.variant === 'new') client.track({ name: 'errors', ...viewer })
    if (arm.variant !== null) units[arm.variant as keyof typeof units] += 1
  }
  await client.close()
  const body = sink.lines.map((line) => `${line}\n`).join('')
  const taken = { accepted: sink.lines.length, duplicates: 0, rejected: [] }
  return { body, units, taken }
}

const together = (a: { old: number; new: number }, b: { old: number; new: number }) => ({
  old: a.old + b.old,
  new: a.new + b.new,
})

async function send(url: string, { body }: { readonly body: string }): Promise<unknown> {
  const answer = await fetch(`${url}/v1/events`, { method: 'POST', headers: NDJSON, body })
  return answer.ok ? answer.json() : answer.status
}

const view = async (url: string) =>
  (await (await fetch(`${url}/v1/experiments/home-row`)).json()) as RolloutView
const history = async (url: string) =>
  ((await (await fetch(`${url}/v1/experiments/home-row/history`)).json()) as RolloutHistory).points

describe.skipIf(database.isMissing)('what is sent to one of several replicas', () => {
  async function replica() {
    const opened = await localPlane({ postgres, tickMs: 50 })
    ends.push(opened.remove, opened.close)
    return opened.url
  }

  it('FAULTS 34: is read by all of them; and sent again to another, it counts once and alarms nobody', async () => {
    const [first, second] = [await replica(), await replica()]
    const [a, b] = [await writtenBy('a', plain), await writtenBy('b', plain)]
    expect([await send(first, a), await send(second, b)]).toEqual([a.taken, b.taken])
    const units = together(a.units, b.units)
    for (const url of [first, second])
      await expect.poll(async () => (await view(url)).evaluation?.units, patient).toEqual(units)
    const before = await view(first)
    expect(before.audit?.verdict).toBe('trusted')

    // Its answer was lost, and the other one has never seen it.
    expect(await send(second, a)).toEqual(a.taken)
    const exposures = async (url: string) => (await view(url)).audit?.counts.exposures
    for (const url of [first, second])
      await expect
        .poll(() => exposures(url), patient)
        .toBe(2 * (a.units.old + a.units.new) + b.units.old + b.units.new)
    const after = await view(first)
    expect(after.evaluation?.units).toEqual(units)
    expect(after.evaluation?.metrics).toEqual(before.evaluation?.metrics)
    const doubts = ({ audit }: RolloutView) => audit!.findings.filter(({ severity }) => severity !== 'note')
    expect([after.audit?.verdict, doubts(after)]).toEqual(['trusted', doubts(before)])
  })
})

describe.skipIf(database.isMissing)('two replicas on PostgreSQL alone', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fairtrial-replicas-'))
    await writeFile(join(directory, 'home-row.json'), JSON.stringify(harmed))
  })
  afterEach(() => rm(directory, { recursive: true }))

  function start(name: string) {
    const where = ['--definition', join(directory, 'home-row.json'), '--data', join(directory, name)]
    const plane = spawnPlane([...where, '--port', '0', '--postgres', postgres, '--tick-ms', '100'])
    ends.push(() => plane.end('SIGKILL'))
    return plane
  }

  it('FAULTS 56: the leader killed, the other decides on what was sent to either, once, and tells all of the history', async () => {
    const leader = start('first')
    const first = await leader.url()
    await expect.poll(async () => (await view(first)).leader, patient).toBe(true)
    const second = await start('second').url()
    const [a, b] = [await writtenBy('a', experiment), await writtenBy('b', experiment)]
    expect(Math.max(a.units.new, b.units.new)).toBeLessThan(ENOUGH)

    expect(await send(first, a)).toEqual(a.taken)
    // The last may be the second one's own; what was before is the leader's.
    const told = async () => (await history(second)).slice(0, -1)
    await expect.poll(async () => (await told()).at(-1)?.units, patient).toEqual(a.units)
    const seen = await told()
    await leader.end('SIGKILL')
    expect(await send(second, b)).toEqual(b.taken)

    await expect.poll(async () => (await view(second)).state?.status, patient).toBe('aborted')
    const { transitions, leader: leads } = await view(second)
    expect([leads, transitions.map(({ to }) => [to.revision, to.status])]).toEqual([
      true,
      [
        [1, 'running'],
        [2, 'aborted'],
      ],
    ])
    expect(transitions[1]!.decision).toMatchObject({ rule: 'hard-limit' })
    const points = await history(second)
    expect(points.slice(0, seen.length)).toEqual(seen)
    expect(points.find(({ revision }) => revision === 2)?.units).toEqual(together(a.units, b.units))

    const again = await start('first').url()
    await expect
      .poll(async () => (await history(again)).map(({ revision }) => revision), patient)
      .toContain(2)
    expect((await view(again)).transitions).toEqual(transitions)
  })
})
