import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeExperiment } from '../../test/fixture.ts'
import { startRollout } from '../start.ts'
import { openPhase } from '../transition.ts'
import { abortRollout } from './abort-rollout.ts'
import { fileStateStore } from './file-state-store.ts'

const experiment = makeExperiment()

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairtrial-state-'))
})
afterEach(() => rm(directory, { recursive: true }))

it('a state that cannot be written is told, leaves the one before in force and nothing behind, and goes through once it can', async () => {
  const store = fileStateStore({ directory })
  await store.compareAndSet(
    openPhase(experiment, null, startRollout(experiment, { now: 1_000 }), 'test'),
    null,
  )
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
  const { state } = await abortRollout(store, experiment, { by: 'ada', reason: 'Enough.', now: 2_000 })
  expect(state).toMatchObject({ status: 'aborted', revision: 2 })
})
