import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import type { Account } from './index.ts'

const PROGRAM = fileURLToPath(new URL('../test/forgetful.ts', import.meta.url))

/** Rejects where it does not end by itself, with code 0. */
async function runForgetful(...args: string[]): Promise<Account> {
  const flags = ['--conditions=@fairtrial/source', '--import', 'tsx', PROGRAM]
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, ...args], { timeout: 30_000 })
  return JSON.parse(stdout)
}

it('FAULTS 76: keeps no process alive, and delivers all by an explicit flush before it is frozen', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fairtrial-forgetful-'))
  try {
    expect(await runForgetful('')).toMatchObject({ pending: 1 })
    expect(await runForgetful('', 'flush')).toMatchObject({ delivered: 1, pending: 0 })
    expect(await runForgetful(directory)).toMatchObject({ pending: 1 })
    expect(await runForgetful(directory, 'flush')).toMatchObject({ delivered: 1, pending: 0 })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}, 60_000)
