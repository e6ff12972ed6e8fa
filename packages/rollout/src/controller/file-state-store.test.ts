import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeExperiment } from '../../test/fixture.ts'
import { startRollout } from '../start.ts'
import { memoryStateStore, stateStoreContract } from '../testing/index.ts'
import { operate } from '../operate.ts'
import { openPhase } from '../transition.ts'
import { abortRollout } from './abort-rollout.ts'
import { fileStateStore } from './file-state-store.ts'

const experiment = makeExperiment()
const opened = openPhase(experiment, null, startRollout(experiment, { now: 1_000 }), 'controller')
const aborted = operate(experiment, opened.to, { action: 'abort', by: 'ada', reason: 'Enough.' }, 2_000)!

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairtrial-state-'))
})
afterEach(() => rm(directory, { recursive: true }))

describe.each([
  ['memoryStateStore', () => memoryStateStore()],
  ['fileStateStore', () => fileStateStore({ directory })],
])('%s', (_name, makeStore) => {
  it.each(stateStoreContract)('$name', ({ run }) => run(makeStore()))
})

describe('fileStateStore', () => {
  const folder = () => join(directory, 'experiment-ranking')
  const newest = () => join(folder(), '0000000002.json')

  it('is found again by another process: nothing is kept in memory', async () => {
    await fileStateStore({ directory }).compareAndSet(opened, null)
    expect(await fileStateStore({ directory }).read('ranking')).toEqual(opened.to)
  })

  it('leaves a journal that reads as lines of JSON, and nothing else', async () => {
    const store = fileStateStore({ directory })
    await store.compareAndSet(opened, null)
    await store.compareAndSet(aborted, 1)
    const names = (await readdir(folder())).toSorted()
    expect(names).toEqual(['0000000001.json', '0000000002.json'])
    const journal = (await Promise.all(names.map((name) => readFile(join(folder(), name), 'utf8')))).join('')
    expect(
      journal
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([opened, aborted])
    expect(await store.transitions('ranking')).toEqual([opened, aborted])
  })

  it('reads a journal of more files than the process may open, and the state at the same time', async () => {
    const store = fileStateStore({ directory })
    await store.compareAndSet(opened, null)
    for (let revision = 2; revision <= 300; revision++) {
      const event = { ...aborted, to: { ...aborted.to, revision } }
      await writeFile(join(folder(), `${String(revision).padStart(10, '0')}.json`), JSON.stringify(event))
    }
    const script = fileURLToPath(new URL('../../test/read-journal.ts', import.meta.url))
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      'ulimit -n 128 && exec "$0" --conditions @fairtrial/source --import tsx "$@"',
      process.execPath,
      script,
      directory,
    ])
    expect(JSON.parse(stdout)).toEqual({ transitions: 300, revision: 300 })
  })

  it('tells a disk that cannot be read as one', async () => {
    const store = fileStateStore({ directory })
    await store.compareAndSet(opened, null)
    await mkdir(newest())
    await expect(store.read('ranking')).rejects.toMatchObject({ code: 'io' })
    await expect(store.transitions('ranking')).rejects.toMatchObject({ code: 'io' })
  })

  it('reads what releases before this one have written, without checksums', async () => {
    const store = fileStateStore({ directory })
    await store.compareAndSet(opened, null)
    await writeFile(newest(), `${JSON.stringify(aborted)}\n`)
    expect(await store.read('ranking')).toEqual(aborted.to)
  })

  it('refuses a line in which any one bit has rotted, and does not go back to the revision before', async () => {
    const store = fileStateStore({ directory })
    await store.compareAndSet(opened, null)
    await store.compareAndSet(aborted, 1)
    const whole = await readFile(newest())
    // What stands before the checksum: in the checksum's own name a rotten bit hides no other.
    const end = whole.indexOf(',"crc32":')
    for (let byte = 0; byte < end; byte += 7) {
      const rotten = Buffer.from(whole)
      rotten[byte]! ^= 1 << (byte % 8)
      await writeFile(newest(), rotten)
      await expect(store.read('ranking'), `byte ${byte}`).rejects.toMatchObject({ code: 'invalid-state' })
    }
    await writeFile(newest(), whole)
    expect(await store.read('ranking')).toEqual(aborted.to)
  })

  it('passes over the draft of a writer that was killed before its transition was in force', async () => {
    const store = fileStateStore({ directory })
    await store.compareAndSet(opened, null)
    await writeFile(`${newest()}.b7c1.draft`, JSON.stringify(aborted).slice(0, 40))
    expect(await store.read('ranking')).toEqual(opened.to)
    expect((await store.compareAndSet(aborted, 1)).stored).toBe(true)
  })

  it('refuses looks that are cut off, and does not go back to the look before: alpha would be spent twice', async () => {
    const store = fileStateStore({ directory })
    const looks = join(folder(), 'looks-0001-0000000001.json')
    await store.compareAndSet(opened, null)
    await writeFile(looks, '{"schema":"fairtrial.look-ledger/1"')
    await expect(store.looks('ranking', 1)).rejects.toMatchObject({
      code: 'invalid-state',
      message: expect.stringContaining(looks),
    })
    expect(await store.read('ranking')).toEqual(opened.to)
  })

  it.each([
    ['cut off', JSON.stringify(aborted).slice(0, 80)],
    ['empty', ''],
    ['null', 'null'],
    ['of another revision', JSON.stringify(opened)],
  ])('refuses a newest file that is %s, and does not go back to the revision before', async (_what, text) => {
    const store = fileStateStore({ directory })
    await store.compareAndSet(opened, null)
    await writeFile(newest(), text)
    await expect(store.read('ranking')).rejects.toMatchObject({
      code: 'invalid-state',
      message: expect.stringContaining(newest()),
    })
    await expect(store.compareAndSet(aborted, 1)).rejects.toMatchObject({ code: 'invalid-state' })
  })

  it.each(['../ranking', 'a/b', '', 'é'])('refuses %j, which is no key', async (key) => {
    await expect(fileStateStore({ directory }).read(key)).rejects.toMatchObject({ code: 'invalid-argument' })
  })

  it('survives a writer killed at any moment: whatever it was told is stored is in force, and writing goes on', async () => {
    const store = fileStateStore({ directory })
    await store.compareAndSet(opened, null)
    const script = fileURLToPath(new URL('../../test/write-for-ever.ts', import.meta.url))
    let told = 1
    for (const target of [5, 12, 19]) {
      const writer = spawn(process.execPath, [
        '--conditions',
        '@fairtrial/source',
        '--import',
        'tsx',
        script,
        directory,
      ])
      for await (const line of createInterface(writer.stdout)) {
        told = Number(line)
        if (told >= target) writer.kill('SIGKILL')
      }
      const state = await store.read('ranking')
      // One more may have come into force before its writer could say so.
      expect([told, told + 1]).toContain(state?.revision)
      expect(await store.transitions('ranking')).toHaveLength(state?.revision ?? 0)
    }
    expect(told).toBeGreaterThanOrEqual(19)
    const state = await store.read('ranking')
    const order = { action: 'abort', by: 'ada', reason: 'Enough.' } as const
    expect(
      (await store.compareAndSet(operate(experiment, state!, order, 3_000)!, state!.revision)).stored,
    ).toBe(true)
  })

  it('FAULTS 59: of eight processes that abort at once one wins, and the others are told its state', async () => {
    await fileStateStore({ directory }).compareAndSet(opened, null)
    const script = fileURLToPath(new URL('../../test/race-to-abort.ts', import.meta.url))
    const run = (by: string) =>
      promisify(execFile)(process.execPath, [
        '--conditions',
        '@fairtrial/source',
        '--import',
        'tsx',
        script,
        directory,
        by,
      ])
    const outcomes = await Promise.all(Array.from({ length: 8 }, (_, i) => run(`operator ${i}`)))
    const told = outcomes.map(({ stdout }) => JSON.parse(stdout))
    expect(told.filter(({ stored }) => stored)).toHaveLength(1)
    const state = await fileStateStore({ directory }).read('ranking')
    expect(state).toMatchObject({ status: 'aborted', revision: 2 })
    for (const { state: seen } of told) expect(seen).toEqual(state)
  })
})

describe('abortRollout', () => {
  const order = { by: 'ada', reason: 'Complaints from support.', now: 5_000 }

  it('aborts with no loop alive, and leaves the reason in the journal', async () => {
    const store = fileStateStore({ directory })
    await store.compareAndSet(opened, null)
    const { state } = await abortRollout(store, experiment, order)
    expect(state).toMatchObject({ status: 'aborted', trafficPercent: 0, revision: 2, changedAt: 5_000 })
    expect((await store.transitions('ranking')).at(-1)).toMatchObject({
      by: 'ada',
      reason: 'Complaints from support.',
    })
  })

  it('changes nothing where the phase is over, and says what is in force', async () => {
    const store = memoryStateStore()
    await store.compareAndSet(opened, null)
    await store.compareAndSet(aborted, 1)
    expect(await abortRollout(store, experiment, order)).toEqual({ state: aborted.to, transition: null })
  })

  it('FAULTS 59: overrules whoever writes in between', async () => {
    const store = memoryStateStore()
    await store.compareAndSet(opened, null)
    const advanced = { ...opened.to, stage: 1, trafficPercent: 10, revision: 2 }
    const advance = { ...opened, from: opened.to, to: advanced }
    let isFirst = true
    const racing = {
      ...store,
      async read(key: string) {
        const state = await store.read(key)
        if (isFirst) await store.compareAndSet(advance, 1)
        isFirst = false
        return state
      },
    }
    const { state, transition } = await abortRollout(racing, experiment, order)
    expect(transition?.from).toEqual(advanced)
    expect(state).toMatchObject({ status: 'aborted', revision: 3 })
  })

  it('refuses where nothing was started', async () => {
    await expect(abortRollout(memoryStateStore(), experiment, order)).rejects.toMatchObject({
      code: 'refused',
    })
  })
})
