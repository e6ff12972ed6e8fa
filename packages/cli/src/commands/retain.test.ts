import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { defineExperiment, type LogEvent } from '@fairtrial/protocol'
import { startRollout } from '@fairtrial/rollout'
import { fileLease, fileStateStore } from '@fairtrial/rollout/controller'
import { fairtrial, folderWith, NOW } from '../../test/terminal.ts'
import { trial } from '../../test/trial.ts'
import { viewers } from '../../test/viewers.ts'

const DAY = 86_400_000

/** Events as they would stand in a log, so many days ago, received by this machine. */
function lines(events: readonly LogEvent[], daysAgo: number): string {
  return events
    .map((event) => {
      const aged = { ...event, receivedAt: NOW - daysAgo * DAY, producerId: `of day ${daysAgo}` }
      if (aged.schema === 'fairtrial.exposure/1') return { ...aged, exposedAt: aged.receivedAt }
      return aged.schema === 'fairtrial.outcome/1' ? { ...aged, occurredAt: aged.receivedAt } : aged
    })
    .map((event) => `${JSON.stringify(event)}\n`)
    .join('')
}

function dataWith() {
  const within = folderWith({
    'trial.json': JSON.stringify(trial),
    'data/log/a.000001.ndjson': lines(viewers(0, 50), 120),
    'data/log/a.000002.ndjson': lines(viewers(50, 100), 1),
    'data/log/a.000003.ndjson': lines(viewers(100, 110), 0),
  })
  const log = within('data/log')
  const segments = () => readdirSync(log).filter((name) => name.endsWith('.ndjson'))
  const retain = (...args: string[]) =>
    fairtrial(['retain', log, '--older-than', '90d', '--by', 'ada', ...args])
  return { within, log, segments, retain }
}

const OVER = ['--nothing-runs', 'home-ranking']

/** The state of a phase that began so many days ago, and what ends it. */
async function runningIn(directory: string, daysAgo: number) {
  const store = fileStateStore({ directory })
  const experiment = defineExperiment(trial as never)
  const running = startRollout(experiment, { now: NOW - daysAgo * DAY })
  const of = {
    schema: 'fairtrial.transition/1',
    experiment: 'home-ranking',
    by: 'ada',
    decision: null,
  } as const
  await store.compareAndSet(
    { ...of, at: running.startedAt, from: null, to: running, reason: 'it starts' },
    null,
  )
  return {
    experiment,
    async abort() {
      const aborted = {
        ...running,
        revision: 2,
        status: 'aborted',
        trafficPercent: 0,
        cause: 'harm',
      } as const
      await store.compareAndSet({ ...of, at: NOW, from: running, to: aborted, reason: 'harm' }, 1)
    },
  }
}

describe('retain', () => {
  it('says what would go, and why the rest stays; then removes it, and records what it was', async () => {
    const { segments, retain, log } = dataWith()
    const dry = await retain('--dry-run')
    expect(dry.code).toBe(0)
    expect(dry.stdout).toMatch(/data\/log: 1 segment would go, 100 events \(before 2025-11-02T/)
    expect(dry.stdout).toMatch(/a\.000001\.ndjson +100 events +[\d,]+ bytes +2025-10-03 to 2025-10-03/)
    expect(dry.stdout).toMatch(/a\.000001\.ndjson sha256 [0-9a-f]{64}/)
    expect(dry.stdout).toMatch(/a\.000002\.ndjson stays: it has events that are younger\./)
    expect(dry.stdout).toMatch(/a\.000003\.ndjson stays: the last of its writer/)
    expect(dry.stdout.replace(/\s+/g, ' ')).toMatch(
      /Of home-ranking nothing is known, for no --state tells what runs: nothing goes unless --nothing-runs/,
    )
    expect(segments()).toHaveLength(3)

    const { document } = await retain('--json', ...OVER)
    expect(document).toMatchObject({
      schema: 'fairtrial.retention/1',
      isDryRun: false,
      states: null,
      olderThanMs: 90 * DAY,
      removed: [{ name: 'a.000001.ndjson', by: 'ada', removedAt: NOW, experiments: { 'home-ranking': 50 } }],
      notRunning: ['home-ranking'],
    })
    expect(segments()).toEqual(['a.000002.ndjson', 'a.000003.ndjson'])
    expect((await retain(...OVER)).stdout).toMatch(/nothing is older/)
    expect(readdirSync(log)).toContain('retention.jsonl')
    // What is left is a log like any other, in which nothing is missing.
    const tail = await fairtrial(['tail', '--log', log])
    expect(tail.stdout.trim().split('\n')).toHaveLength(120)
  })

  it('keeps what an experiment has brought that runs, by the states beside the log', async () => {
    const { within, segments, retain } = dataWith()
    const { abort } = await runningIn(within('data/state'), 130)
    const kept = await retain()
    expect(kept.stdout).toMatch(/a\.000001\.ndjson stays: of an experiment that runs, .* \(home-ranking\)/s)
    expect(segments()).toHaveLength(3)

    await abort()
    const { stdout } = await retain('--state', within('data/state'))
    expect(stdout).toMatch(/1 segment has gone/)
    expect(stdout.replace(/\s+/g, ' ')).toMatch(/Of home-ranking no phase runs: their age alone decides/)
  })

  it('removes nothing where nobody knows what runs: no states, an empty folder of them, another database', async () => {
    const { within, segments, retain } = dataWith()
    const refusal = async (what: RegExp, ...args: string[]) => {
      const { code, stderr } = await retain(...args)
      expect(code).toBe(2)
      expect(stderr.replace(/\s+/g, ' ')).toMatch(what)
      expect(segments()).toHaveLength(3)
    }
    await refusal(
      /whether a phase of home-ranking runs: there is no folder of states\..*--nothing-runs home-ranking/,
    )
    // What a control plane leaves whose states are in PostgreSQL.
    mkdirSync(within('data/state'))
    mkdirSync(within('data/definitions'))
    await refusal(/whether a phase of home-ranking runs: .*state holds no state of that/)
    // Its definitions know of one whose exposures stand elsewhere: outcomes here may be of it.
    writeFileSync(within('data/definitions/by-topics.json'), '{}')
    await refusal(/whether a phase of by-topics runs/, ...OVER)
    expect((await retain(...OVER, '--nothing-runs', 'by-topics')).code).toBe(0)
    expect(segments()).toHaveLength(2)
  })

  it('believes no states of a life before those in PostgreSQL', async () => {
    const { within, segments, retain } = dataWith()
    const { abort } = await runningIn(within('data/state'), 130)
    await abort()
    writeFileSync(within('data/state/in-postgres'), '')
    const { code, stderr } = await retain()
    expect(code).toBe(2)
    expect(stderr).toMatch(/whether a phase of home-ranking runs/)
    expect(segments()).toHaveLength(3)
    expect((await retain(...OVER)).code).toBe(0)
  })

  it('asks for a word, too, where a log tells of no experiment at all', async () => {
    const { log, segments, retain } = dataWith()
    const outcomes = viewers(0, 50).filter(({ schema }) => schema === 'fairtrial.outcome/1')
    for (const [i, daysAgo] of [120, 1, 0].entries())
      writeFileSync(`${log}/a.00000${i + 1}.ndjson`, lines(outcomes, daysAgo))
    const { code, stderr } = await retain(...OVER)
    expect(code).toBe(2)
    expect(stderr.replace(/\s+/g, ' ')).toMatch(/what this log is of runs.*say so: --nothing-runs\./)
    expect((await retain('--nothing-runs')).code).toBe(0)
    expect(segments()).toHaveLength(2)
  })

  it('keeps outcomes of a phase that the log does not name, and those that its covariates read', async () => {
    const { within, log, segments, retain } = dataWith()
    const outcomes = viewers(0, 50).filter(({ schema }) => schema === 'fairtrial.outcome/1')
    for (const [i, daysAgo] of [120, 1, 0].entries())
      writeFileSync(`${log}/a.00000${i + 1}.ndjson`, lines(outcomes, daysAgo))
    // The phase began after them. Without its definition nobody knows how far back it reads.
    const { experiment } = await runningIn(within('data/state'), 100)
    const kept = (await retain()).stdout.replace(/\s+/g, ' ')
    expect(kept).toMatch(/nothing goes, 1 past its time stays \(before/)
    expect(kept).toMatch(
      /a\.000001\.ndjson stays: of an experiment that runs, .*\(home-ranking\); it is past its time\./,
    )
    mkdirSync(within('data/definitions'))
    const definition = (covariates: object[]) => {
      const [name = '', metric] = Object.entries(experiment.metrics)[0] ?? []
      const metrics = { ...experiment.metrics, [name]: { ...metric, covariates } }
      writeFileSync(within('data/definitions/home-ranking.json'), JSON.stringify({ ...experiment, metrics }))
    }
    definition([{ event: 'watched', before: '28d' }])
    expect((await retain()).stdout).toMatch(/nothing goes/)
    expect(segments()).toHaveLength(3)
    definition([])
    expect((await retain()).stdout).toMatch(/1 segment has gone/)
  })

  it('leaves it to a control plane that has the directory', async () => {
    const { within, segments, retain } = dataWith()
    const lease = fileLease({ directory: within('data/state') })
    await lease.acquire()
    onTestFinished(lease.release)
    const { code, stderr } = await retain(...OVER)
    expect(code).toBe(2)
    expect(stderr).toMatch(/is in use by process \d+/)
    expect(stderr).toMatch(/--retain/)
    // By the states of another directory, too.
    const other = dataWith()
    expect((await other.retain(...OVER, '--state', within('data/state'))).stderr).toMatch(/is in use by/)
    expect((await retain('--dry-run')).code).toBe(0)
    expect([...segments(), ...other.segments()]).toHaveLength(6)
    await lease.release()
    expect((await retain(...OVER)).code).toBe(0)
    // It is given back.
    expect(await lease.acquire()).not.toBeNull()
  })

  it('refuses what is no log, no age and no folder of states', async () => {
    const { within, retain, segments } = dataWith()
    for (const age of ['', '0d', '-3d', '90', 'ninety days'])
      expect((await retain('--older-than', age)).code).toBe(2)
    expect((await fairtrial(['retain', within('data/log')])).stderr).toMatch(/--older-than/)
    expect((await fairtrial(['retain', within('nowhere'), '--older-than', '1d'])).code).toBe(2)
    expect((await retain('--state', within('trial.json'))).stderr).toMatch(/--state .* is no directory/)
    expect(segments()).toHaveLength(3)
  })

  it('has `verify` say of a lock that its data went by retention, and whether they were as they were locked', async () => {
    const { within, log, retain } = dataWith()
    const lock = within('evaluation.lock')
    await fairtrial(['analyze', within('trial.json'), '--log', log, '--lock', lock])
    await retain(...OVER)
    const { code, stdout } = await fairtrial(['verify', lock])
    expect(code).toBe(5)
    expect(stdout).toMatch(/not verified/)
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'input data/log/a.000001.ndjson went by retention on 2026-01-31, by ada, with the very bytes that were locked.',
    )

    // Edited before it went: the record tells.
    const edited = dataWith()
    const second = edited.within('evaluation.lock')
    await fairtrial(['analyze', edited.within('trial.json'), '--log', edited.log, '--lock', second])
    const first = `${edited.log}/a.000001.ndjson`
    writeFileSync(first, lines(viewers(0, 50), 120).replace('"value":1,', '"value":2,'))
    await edited.retain(...OVER)
    expect((await fairtrial(['verify', second])).stdout.replace(/\s+/g, ' ')).toContain(
      'with other bytes than those that were locked',
    )
  })
})
