import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { format } from 'node:util'
import { expect, it, vi } from 'vitest'
import * as exposure from './index.ts'
import * as segments from './segments/index.ts'
import * as testing from './testing/index.ts'

it('the program in the README prints what stands beneath it', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, program, output] = /```ts\n(.*?)```\n\n```\n(.*?)```/s.exec(readme)!
  const directory = mkdtempSync(join(tmpdir(), 'fairtrial-readme-'))
  const printed: string[] = []
  const log = vi
    .spyOn(console, 'log')
    .mockImplementation((...values) => void printed.push(`${format(...values)}\n`))
  try {
    const body = program!.replace(/^import .*$/gm, '').replaceAll('./log', join(directory, 'log'))
    const names = { ...exposure, ...segments, ...testing }
    // oxlint-disable-next-line typescript/no-implied-eval -- the program is the README's own
    await new Function(...Object.keys(names), `return (async () => {${body}})()`)(...Object.values(names))
  } finally {
    log.mockRestore()
    rmSync(directory, { recursive: true, force: true })
  }
  expect(printed.join('')).toBe(output)
})
