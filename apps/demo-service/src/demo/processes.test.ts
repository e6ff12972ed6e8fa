import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProcesses, type Processes } from './processes.ts'

let directory: string
let processes: Processes
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairtrial-processes-'))
  processes = createProcesses([])
})
afterEach(async () => {
  await processes.kill()
  await rm(directory, { recursive: true })
})

async function program(text: string): Promise<string> {
  const file = join(directory, 'program.mjs')
  await writeFile(file, text)
  return file
}

const LISTENS = `console.log(JSON.stringify({ listening: 'http://127.0.0.1:1', name: 'x' }));`

describe('processes', () => {
  it('say where they listen, and what they printed last when they are asked to end', async () => {
    const file = await program(`
      process.on('SIGTERM', () => { console.log('{"last":true}'); process.exit() })
      setInterval(() => {}, 1000)
      ${LISTENS}`)
    const started = await processes.start('x', file, [])
    expect(started).toMatchObject({ url: 'http://127.0.0.1:1', first: { name: 'x' } })
    expect(await started.stop()).toEqual({ last: true })
  })

  it('that end by themselves are told, with what they wrote to stderr', async () => {
    const file = await program(
      `${LISTENS} console.error('disk on fire'); setTimeout(() => process.exit(3), 50)`,
    )
    await processes.start('the control plane', file, [])
    await expect(processes.died).rejects.toThrow('the control plane ended by itself (exit code 3)')
    expect(processes.errors()).toEqual(['disk on fire'])
  })

  it('that end before they listen are told, not waited for', async () => {
    const file = await program(`process.exit(2)`)
    await expect(processes.start('the service', file, [])).rejects.toThrow(
      'the service ended by itself (exit code 2)',
    )
  })

  it('are all ended at once, also those that would not', async () => {
    const file = await program(`process.on('SIGTERM', () => {}); ${LISTENS} setInterval(() => {}, 1000)`)
    const { pid } = await processes.start('x', file, [])
    await processes.kill()
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})
