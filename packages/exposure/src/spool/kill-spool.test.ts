import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { killSpool } from '../../test/kill-spool.ts'
import { NOTHING_BESIDE } from './carried.ts'
import { fileSpool } from './index.ts'

it('FAULTS 29: killed at random 20 times, it has all that was acknowledged, and the account is exact', async () => {
  const result = await killSpool({ rounds: 20, seed: 1, sync: 'always' })
  expect(result).toMatchObject({ rounds: 20, lost: 0, doubled: 0, ok: true })
  expect(result.acknowledged).toBeGreaterThan(0)
}, 120_000)

it('FAULTS 32: is not taken from an owner that stands still, and is from one that was killed', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fairtrial-owner-'))
  const program = fileURLToPath(new URL('../../test/spool-writer.ts', import.meta.url))
  const setting = {
    directory,
    delivered: '/dev/null',
    acknowledged: '/dev/null',
    name: 'owner',
    seed: 1,
    sync: 'never',
  }
  const owner = spawn(
    process.execPath,
    ['--conditions=@fairtrial/source', '--import', 'tsx', program, JSON.stringify(setting)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  try {
    await once(owner.stdout, 'data')
    owner.stdout.resume()
    owner.kill('SIGSTOP')
    const spool = fileSpool({ directory })
    await expect(spool.open()).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining(`held by process ${owner.pid} on `),
    })
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    // Two at once: one of them has it.
    const rivals = [spool, fileSpool({ directory }), fileSpool({ directory })]
    const openings = await Promise.allSettled(rivals.map((rival) => rival.open()))
    expect(openings.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected'])
    await Promise.all(rivals.map((rival) => rival.close(NOTHING_BESIDE)))
  } finally {
    owner.kill('SIGKILL')
    await rm(directory, { recursive: true, force: true })
  }
}, 30_000)
