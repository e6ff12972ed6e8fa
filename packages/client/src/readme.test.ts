import { readdirSync, readFileSync } from 'node:fs'
import { format } from 'node:util'
import { expect, it, vi } from 'vitest'

const textOf = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const readme = textOf('../README.md')
const shown = (file: string) =>
  `\`\`\`ts\n${textOf(`../test/${file}`).replace('./readme-experiment', './experiment')}\`\`\``

it('the README shows the trial that its programs are about', () => {
  expect(readme).toContain(shown('readme-experiment.ts'))
})

const programs: [file: string, run: () => Promise<unknown>][] = [
  ['readme.ts', () => import('../test/readme.ts')],
  ['readme-units.ts', () => import('../test/readme-units.ts')],
  ['readme-otel.ts', () => import('../test/readme-otel.ts')],
  ['readme-observe.ts', () => import('../test/readme-observe.ts')],
]

it.each(programs)('the README shows the program %s, and what it prints', async (file, run) => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  await run()
  const printed = log.mock.calls.map((values) => `${format(...values)}\n`).join('')
  log.mockRestore()
  expect(readme).toContain(shown(file))
  expect(readme).toContain(`\`\`\`\n${printed}\`\`\``)
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
