import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { smallDiskForTests } from '@fairtrial/disks'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeExperiment } from '../../test/fixture.ts'
import { startRollout } from '../start.ts'
import { openPhase } from '../transition.ts'
import { abortRollout } from './abort-rollout.ts'
import { fileLease } from './file-lease.ts'
import { fileStateStore } from './file-state-store.ts'

const experiment = makeExperiment()
const opened = openPhase(experiment, null, startRollout(experiment, { now: 1_000 }), 'test')
const order = { by: 'ada', reason: 'Enough.', now: 2_000 }

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairtrial-state-'))
})
afterEach(() => rm(directory, { recursive: true }))

it('a state that cannot be written is told, leaves the one before in force and nothing behind, and goes through once it can', async () => {
  const store = fileStateStore({ directory })
  await store.compareAndSet(opened, null)
  const script = fileURLToPath(new URL('../../test/race-to-abort.ts', import.meta.url))
  // A process that may write no byte to any file meets what it would on a full disk.
  const run = promisify(execFile)('sh', [
    '-c',
    `ulimit -f 0 && exec "$0" --conditions @fairtrial/source --import tsx "$@"`,
    process.execPath,
    script,
    directory,
    'ada',
  ])
  await expect(run).rejects.toMatchObject({ stderr: expect.stringMatching(/could not be written: EFBIG/) })
  expect(await store.read('ranking')).toMatchObject({ status: 'running', revision: 1 })
  expect(await readdir(join(directory, 'experiment-ranking'))).toEqual(['0000000001.json'])
  expect((await abortRollout(store, experiment, order)).state).toMatchObject({
    status: 'aborted',
    revision: 2,
  })
})

const disk = smallDiskForTests('256k')
const { place } = disk
afterAll(disk.remove)

describe.skipIf(disk.isMissing)('on a file system of its own', () => {
  it('FAULTS 58: an abort on a full disk fails loudly, says what to do, and goes through once there is space', async () => {
    const store = fileStateStore({ directory: join(place, 'full') })
    await store.compareAndSet(opened, null)
    const filler = disk.fill()
    await expect(abortRollout(store, experiment, order)).rejects.toMatchObject({
      code: 'io',
      message: expect.stringMatching(/0000000002\.json could not be written: ENOSPC/),
      remedy: expect.stringMatching(/Make space/),
    })
    expect(await store.read('ranking')).toEqual(opened.to)
    rmSync(filler)
    expect((await abortRollout(store, experiment, order)).state.status).toBe('aborted')
  })

  it('FAULTS 58: a read-only file system is served from, takes no abort and grants no lease, and says so', async () => {
    const inside = join(place, 'read-only')
    const store = fileStateStore({ directory: inside })
    await store.compareAndSet(opened, null)
    disk.makeReadOnly()
    expect(await store.read('ranking')).toEqual(opened.to)
    const told = { code: 'io', remedy: expect.stringMatching(/not read-only/) }
    await expect(abortRollout(store, experiment, order)).rejects.toMatchObject(told)
    await expect(fileLease({ directory: inside }).acquire()).rejects.toMatchObject(told)
    disk.makeWritable()
    expect((await abortRollout(store, experiment, order)).state.status).toBe('aborted')
  })
})
