import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** READMEs that show a program and then its output, and where the packages that it imports resolve. */
const readmes = [
  ['README.md', 'examples/emit-exposures'],
  ...['assignment', 'fidelity', 'metrics', 'rollout', 'sequential', 'statistics'].map((room) => [
    `packages/${room}/README.md`,
    `packages/${room}`,
  ]),
]

it.each(readmes)('the program in %s prints what stands below it', (readme, folder) => {
  const text = readFileSync(`${root}${readme}`, 'utf8')
  const [, program = '', output] = /```[jt]s\n(.*?)```\n\n```(?:text)?\n(.*?)```/s.exec(text) ?? []
  const flags = ['--import', 'tsx', '--conditions=@fairtrial/source', '--input-type=module']
  const options = { cwd: `${root}${folder}`, encoding: 'utf8' } as const
  expect(execFileSync(process.execPath, [...flags, '--eval', program], options)).toBe(output)
})
