import { readFileSync } from 'node:fs'
import { format } from 'node:util'
import * as protocol from '@fairtrial/protocol'
import { expect, it } from 'vitest'
import * as metrics from '../src/index.ts'

it('the README prints what it says', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const program = /```js\n(.*?)```/s.exec(readme)![1]!
  const printed = /```text\n(.*?)```/s.exec(readme)![1]!
  const body = program.replaceAll(/^import (\{.*?\}) from '@fairtrial\/(\w+)'$/gm, 'const $1 = modules.$2')
  const lines: string[] = []
  const log = (...parts: unknown[]) => lines.push(format(...parts))
  new Function('modules', 'console', body)({ protocol, metrics }, { log })
  expect(`${lines.join('\n')}\n`).toBe(printed)
})
