import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { format } from 'node:util'
import { expect, it, vi } from 'vitest'
import * as exposure from './index.ts'
import * as segments from './segments/index.ts'
import * as spool from './spool/index.ts'
import * as testing from './testing/index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const programs = [...readme.matchAll(/```ts\n(.*?)```\n\n```\n(.*?)```/gs)].map(([, program, output]) => ({
  title: /^(?:const|function) \w+/m.exec(program!)![0],
  program: program!,
  output,
}))

it.each(programs)(
  'the program in the README with $title prints what stands beneath it',
  async ({ program, output }) => {
    const directory = mkdtempSync(join(tmpdir(), 'fairtrial-readme-'))
    const printed: string[] = []
    const log = vi
      .spyOn(console, 'log')
      .mockImplementation((...values) => void printed.push(`${format(...values)}\n`))
    try {
      const body = program
        .replace(/^import .*$/gm, '')
        .replaceAll(/\.\/(log|spool)/g, (_, name) => join(directory, name))
      const names = { ...exposure, ...segments, ...spool, ...testing }
      // oxlint-disable-next-line typescript/no-implied-eval -- the programs are the README's own
      await new Function(...Object.keys(names), `return (async () => {${body}})()`)(...Object.values(names))
    } finally {
      log.mockRestore()
      rmSync(directory, { recursive: true, force: true })
    }
    expect(printed.join('')).toBe(output)
  },
)

it('the README shows a program of each kind', () => {
  expect(programs.length).toBeGreaterThanOrEqual(3)
})

const reports = new URL('../etc/', import.meta.url)

it.each(readdirSync(reports))('the README names what %s exports', (report) => {
  const text = readFileSync(new URL(report, reports), 'utf8')
  const names = [...text.matchAll(/^export (?:declare )?(?:const|function|interface|class|type) (\w+)/gm)]
  expect(names.length).toBeGreaterThan(0)
  expect(names.map(([, name]) => name!).filter((name) => !new RegExp(`\\b${name}\\b`).test(readme))).toEqual(
    [],
  )
})
