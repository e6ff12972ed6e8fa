import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { findPostgres } from './find-postgres.ts'

describe.skipIf('missing' in findPostgres())('the README', () => {
  it('shows a program that prints what stands below it', async () => {
    const text = await readFile(new URL('../README.md', import.meta.url), 'utf8')
    const [, program = '', output] = /```ts\n(.*?)```\n\n```text\n(.*?)```/s.exec(text) ?? []
    const flags = ['--conditions=@fairtrial/source', '--import=tsx', '--input-type=module', '--eval', program]
    const cwd = fileURLToPath(new URL('..', import.meta.url))
    expect((await promisify(execFile)(process.execPath, flags, { cwd })).stdout).toBe(output)
  })
})
