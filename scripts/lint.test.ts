// Every ban is fed what it must refuse: a rule that is misspelt or matches no file would pass in silence.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const workspace = fileURLToPath(new URL('..', import.meta.url))

/** Lints the files, path to text, with the workspace's rules, and tells what is said of each. */
function lint(files: Record<string, string>): Record<string, string> {
  const root = mkdtempSync(join(tmpdir(), 'lint-'))
  try {
    copyFileSync(join(workspace, '.oxlintrc.json'), join(root, '.oxlintrc.json'))
    symlinkSync(join(workspace, 'node_modules'), join(root, 'node_modules'))
    writeFileSync(
      join(root, 'tsconfig.json'),
      '{ "compilerOptions": { "strict": true, "target": "es2023", "types": [] } }',
    )
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), `${text}\n`)
    }
    const oxlint = join(root, 'node_modules/.bin/oxlint')
    const { stdout } = spawnSync(oxlint, ['-f', 'json', 'packages'], { cwd: root, encoding: 'utf8' })
    const report = JSON.parse(stdout) as Report
    expect(report.number_of_files).toBe(Object.keys(files).length)
    const said = Object.fromEntries(Object.keys(files).map((path) => [path, '']))
    for (const { filename, code, message, help } of report.diagnostics) {
      said[filename] += `${code} ${message} ${help ?? ''}\n`
    }
    return said
  } finally {
    rmSync(root, { recursive: true })
  }
}

interface Report {
  number_of_files: number
  diagnostics: { filename: string; code: string; message: string; help?: string }[]
}

const BANS: [name: string, text: string, message: string][] = [
  ['date-now', 'export const verb = () => Date.now()', 'take a timestamp as an argument'],
  ['new-date', 'export const verb = () => new Date(0)', 'take a timestamp as an argument'],
  ['performance', 'export const verb = () => performance.now()', 'take a timestamp as an argument'],
  ['random', 'export const verb = () => Math.random()', 'take a random source as an argument'],
  ['crypto', 'export const verb = () => crypto.randomUUID()', 'take a random source as an argument'],
  ['global', 'export const verb = () => globalThis.name', 'take it as an argument'],
  ['io', "export { readFileSync } from 'node:fs'", 'this room does no I/O'],
]
const PURE_ROOMS = ['protocol', 'assignment', 'metrics', 'statistics', 'sequential', 'fidelity', 'rollout']

it('there is no clock, no chance and no I/O in a pure room', () => {
  const files: Record<string, string> = {}
  for (const room of PURE_ROOMS) {
    for (const [name, text] of BANS) files[`packages/${room}/src/deep/${name}.ts`] = text
    files[`packages/${room}/src/floor.ts`] = 'export const verb = (at: number) => Math.floor(at)'
  }
  const said = lint(files)
  for (const room of PURE_ROOMS) {
    for (const [name, , message] of BANS)
      expect(said[`packages/${room}/src/deep/${name}.ts`]).toContain(message)
    expect(said[`packages/${room}/src/floor.ts`]).toBe('')
  }
})

it('a clock may be read where the outside world is met, and in tests', () => {
  const text = 'export const verb = () => Date.now()'
  const paths = ['exposure/src/recorder.ts', 'rollout/src/controller/loop.ts', 'metrics/src/join.test.ts']
  const said = lint(Object.fromEntries(paths.map((path) => [`packages/${path}`, text])))
  expect(Object.values(said)).toEqual(['', '', ''])
})

it('every other rule that we lean on bites', () => {
  const rules = {
    'no-floating-promises': 'async function send() {}\nexport function flush() { send() }',
    'no-misused-promises': 'export const verb = (f: () => Promise<void>) => (f() ? 1 : 2)',
    'no-explicit-any': 'export const verb = (value: any) => value',
    'no-non-null-assertion': 'export const verb = (list: string[]) => list[0]!',
    'consistent-type-imports': "import { Unit } from './unit.ts'\nexport const verb = (unit: Unit) => unit",
    'no-default-export': 'export default 1',
    'switch-exhaustiveness-check':
      "export function verb(a: 'x' | 'y') { switch (a) { case 'x': return 1 } return 2 }",
    'no-console': "export const verb = () => console.log('')",
    'no-unused-vars': 'const forgotten = 1\nexport const verb = 2',
    'no-deprecated': '/** @deprecated */\nconst old = 1\nexport const verb = old',
  }
  const said = lint(
    Object.fromEntries(Object.entries(rules).map(([rule, text]) => [`packages/client/src/${rule}.ts`, text])),
  )
  for (const rule of Object.keys(rules)) expect(said[`packages/client/src/${rule}.ts`]).toContain(`(${rule})`)
})
