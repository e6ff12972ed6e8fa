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

const programs = readmes.flatMap(([readme = '', folder]) => {
  const text = readFileSync(`${root}${readme}`, 'utf8')
  const shown = [...text.matchAll(/```[jt]s\n(.*?)```\n\n```(?:text)?\n(.*?)```/gs)]
  return shown.map(([, program = '', output = ''], index) => ({
    readme,
    folder,
    nth: index + 1,
    program,
    output,
  }))
})

/** READMEs whose later programs go on from the first. */
const GO_ON = ['packages/fidelity/README.md']

it.each(readmes)('%s shows a program', (name) => {
  expect(programs.map(({ readme }) => readme)).toContain(name)
})

it.each(programs)(
  'program $nth in $readme prints what stands below it',
  ({ readme, folder, nth, ...shown }) => {
    const first = programs.find((each) => each.readme === readme)!
    const parts = nth > 1 && GO_ON.includes(readme) ? [first, shown] : [shown]
    const program = parts.map((part) => part.program).join('')
    const flags = ['--import', 'tsx', '--conditions=@fairtrial/source', '--input-type=module']
    const options = { cwd: `${root}${folder}`, encoding: 'utf8' } as const
    const output = parts.map((part) => part.output).join('')
    expect(execFileSync(process.execPath, [...flags, '--eval', program], options)).toBe(output)
  },
)
