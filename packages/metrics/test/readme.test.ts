import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const folder = fileURLToPath(new URL('..', import.meta.url))

it('the program in the README prints what stands below it', () => {
  const readme = readFileSync(`${folder}README.md`, 'utf8')
  const program = /```js\n(.*?)```/s.exec(readme)![1]!
  const printed = /```text\n(.*?)```/s.exec(readme)![1]!
  const flags = ['--import', 'tsx', '--conditions', '@fairtrial/source', '--input-type', 'module']
  expect(
    execFileSync(process.execPath, [...flags, '--eval', program], { cwd: folder, encoding: 'utf8' }),
  ).toBe(printed)
})
