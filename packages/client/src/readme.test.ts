import { readFileSync } from 'node:fs'
import { expect, it, vi } from 'vitest'

const textOf = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

it('the README shows a program that runs, and what it prints', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  await import('../test/readme.ts')
  const { format } = await import('node:util')
  const printed = log.mock.calls.map((values) => `${format(...values)}\n`).join('')
  log.mockRestore()
  const readme = textOf('../README.md')
  for (const file of ['readme-experiment.ts', 'readme.ts']) {
    expect(readme).toContain(`\`\`\`ts\n${textOf(`../test/${file}`).replace('./readme-', './')}\`\`\``)
  }
  expect(readme).toContain(`\`\`\`\n${printed}\`\`\``)
})
