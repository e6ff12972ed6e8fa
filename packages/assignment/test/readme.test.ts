import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

it('prints in the README what the program there prints', () => {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, program = '', output] = /```ts\n(.*?)```\n\n```\n(.*?)```/s.exec(readme) ?? []
  const flags = ['--import', 'tsx', '--conditions=@fairtrial/source', '--input-type=module']
  expect(execFileSync(process.execPath, [...flags, '--eval', program], { cwd: root, encoding: 'utf8' })).toBe(
    output,
  )
})
