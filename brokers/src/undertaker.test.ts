import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { missingForTests } from './kafka-for-tests.ts'

describe.skipIf(missingForTests().kafka)('the undertaker', () => {
  it('leaves no broker and no file behind a process that is killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fairtrial-undertaker-'))
    const module = new URL('index.ts', import.meta.url).href
    // A broker that is stopped hears nothing but SIGKILL.
    const program = `
      const { startKafka } = await import(${JSON.stringify(module)})
      const { brokers, pause } = await startKafka()
      pause(0)
      console.log(brokers[0])`
    const parent = spawn(
      process.execPath,
      ['--conditions=@fairtrial/source', '--import=tsx', '--input-type=module', '-e', program],
      {
        cwd: new URL('..', import.meta.url),
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, TMPDIR: folder },
      },
    )
    const exited = once(parent, 'exit')
    try {
      const [broker] = (await once(createInterface(parent.stdout), 'line')) as [string]
      expect(await listens(broker)).toBe(true)
      expect(await foldersOfKafka(folder)).toHaveLength(1)
      parent.kill('SIGKILL')
      await exited
      await expect.poll(() => listens(broker), { timeout: 30_000 }).toBe(false)
      await expect.poll(() => foldersOfKafka(folder), { timeout: 30_000 }).toEqual([])
    } finally {
      parent.kill('SIGKILL')
      await exited
      await rm(folder, { recursive: true, force: true })
    }
  })
})

/** Tsx leaves a folder there too. */
async function foldersOfKafka(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('fairtrial-kafka-'))
}

function listens(address: string): Promise<boolean> {
  const [host, port] = address.split(':')
  return new Promise((resolve) => {
    const socket = connect({ host: host!, port: Number(port) })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
