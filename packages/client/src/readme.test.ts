import { readFileSync } from 'node:fs'
import { expect, it, vi } from 'vitest'

const textOf = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const readme = textOf('../README.md')
const shown = (file: string) =>
  `\`\`\`ts\n${textOf(`../test/${file}`).replace('./readme-experiment', './experiment')}\`\`\``

it('the README shows the trial that its programs are about', () => {
  expect(readme).toContain(shown('readme-experiment.ts'))
})

it.each(['readme.ts', 'readme-units.ts', 'readme-otel.ts'])(
  'the README shows the program %s, and what it prints',
  async (file) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    await import(`../test/${file}`)
    const { format } = await import('node:util')
    const printed = log.mock.calls.map((values) => `${format(...values)}\n`).join('')
    log.mockRestore()
    expect(readme).toContain(shown(file))
    expect(readme).toContain(`\`\`\`\n${printed}\`\`\``)
  },
)
