import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { findBreaches } from './walls.ts'

const scripts = { check: 'tsx ../../scripts/package.ts check', api: 'tsx ../../scripts/package.ts api' }
let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'walls-'))
  for (const room of ['protocol', 'statistics', 'metrics', 'assignment']) {
    write(`packages/${room}/package.json`, JSON.stringify({ scripts }))
    write(`packages/${room}/tsconfig.json`, '{ "extends": "../../tsconfig.base.json" }')
    write(`packages/${room}/src/index.ts`, `export { verb } from './verb.ts'\n`)
  }
})
afterEach(() => rmSync(root, { recursive: true }))

function write(path: string, text: string) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

it('finds nothing wrong in a workspace that keeps the rules', () => {
  expect(findBreaches(root)).toEqual([])
})

it('does not pass by looking at nothing', () => {
  expect(findBreaches(join(root, 'packages/metrics'))).toEqual([expect.stringContaining('no package found')])
})

it('refuses a dependency that the room may not have, whatever its kind', () => {
  const dependencies = { '@fairtrial/statistics': 'workspace:*', '@fairtrial/exposure': 'workspace:*' }
  write(
    'packages/metrics/package.json',
    JSON.stringify({ scripts, dependencies, peerDependencies: { zod: '4' } }),
  )
  expect(findBreaches(root)).toEqual([
    'packages/metrics/package.json: metrics may not depend on @fairtrial/exposure',
    'packages/metrics/package.json: metrics may not depend on zod',
  ])
})

it('refuses a package that the house does not know', () => {
  write('packages/toolbox/package.json', '{}')
  write('packages/toolbox/tsconfig.json', '{}')
  expect(findBreaches(root)).toEqual([expect.stringContaining('"toolbox" is not a room of the house')])
})

it('refuses a package that the checks would pass over', () => {
  write('packages/metrics/package.json', JSON.stringify({ scripts: { ...scripts, check: 'true' } }))
  expect(findBreaches(root)).toEqual([expect.stringContaining('its script "check" must be')])
})

it('refuses exports that a published package would not have, or that reach the build before the source', () => {
  const target = { '@fairtrial/source': './src/a.ts', default: './dist/a.js' }
  const exports = { '.': target, './late': { default: './dist/a.js', '@fairtrial/source': './src/a.ts' } }
  const publishConfig = { exports: { './late': { default: './dist/a.js' } } }
  write('packages/metrics/package.json', JSON.stringify({ scripts, exports, publishConfig }))
  expect(findBreaches(root)).toEqual([
    'packages/metrics/package.json: "." differs between exports and publishConfig.exports',
    'packages/metrics/package.json: "./late" must name @fairtrial/source first',
  ])
})

it.each([
  "import { defineExperiment } from '@fairtrial/protocol'",
  "import { type Unit } from '@fairtrial/protocol'",
  "import {\n  type Unit,\n  defineExperiment,\n} from '@fairtrial/protocol'",
  "import * as protocol from '@fairtrial/protocol'",
  "export { defineExperiment } from '@fairtrial/protocol/define'",
  "import '@fairtrial/protocol'",
])('refuses in assignment, which knows the types of protocol only: %s', (line) => {
  write('packages/assignment/src/assign.ts', `${line}\n`)
  expect(findBreaches(root)).toEqual([expect.stringContaining('assignment may use only types')])
})

it.each([
  "import type { Unit } from '@fairtrial/protocol'",
  "import { BUCKETS } from '@fairtrial/protocol/buckets'",
  "import type { Unit } from '@fairtrial/protocol'\nimport { hash } from './hash.ts'",
])('allows in assignment: %s', (line) => {
  write('packages/assignment/src/assign.ts', `${line}\n`)
  expect(findBreaches(root)).toEqual([])
})

it('refuses types of the outside world in a pure room', () => {
  write('packages/metrics/tsconfig.json', '{ "compilerOptions": { "types": [\n  "node"\n] } }')
  expect(findBreaches(root)).toEqual([expect.stringContaining('a pure room compiles without types')])
  write('packages/metrics/tsconfig.json', '{ "references": [{ "path": "./tsconfig.pure.json" }] }')
  write('packages/metrics/tsconfig.pure.json', '{ "compilerOptions": { "types": ["node"] } }')
  expect(findBreaches(root)).toEqual([expect.stringContaining('tsconfig.pure.json: a pure room compiles')])
})

it.each(['utils.ts', 'helper.ts', 'common/moments.ts', 'shared.test.ts', 'misc/index.ts'])(
  'refuses the name %s',
  (name) => {
    write(`packages/metrics/src/${name}`, '')
    expect(findBreaches(root)).toEqual([expect.stringContaining('name it after what is in it')])
  },
)

it.each(['export default 1', 'const a = 1\nexport { a as default }'])(
  'refuses a default export: %s',
  (text) => {
    write('apps/demo/src/main.ts', text)
    expect(findBreaches(root)).toEqual([expect.stringContaining('no default exports')])
  },
)

it.each(["export * from './a.ts'", "export * as a from './a.ts'", "export type * from './a.ts'"])(
  'refuses an export without a list: %s',
  (text) => {
    write('packages/metrics/src/index.ts', text)
    expect(findBreaches(root)).toEqual([expect.stringContaining('no `export *`')])
  },
)

it('refuses a source file of 301 lines, allows one of 300 and any test', () => {
  write('packages/metrics/src/long.test.ts', '// a line\n'.repeat(301))
  write('packages/metrics/src/long.ts', '// a line\n'.repeat(300))
  expect(findBreaches(root)).toEqual([])
  write('packages/metrics/src/long.ts', '// a line\n'.repeat(301))
  expect(findBreaches(root)).toEqual(['packages/metrics/src/long.ts: 301 lines; a file has at most 300'])
})

it('looks at every room of this workspace', () => {
  const workspace = fileURLToPath(new URL('..', import.meta.url))
  expect(findBreaches(workspace).filter((breach) => breach.includes('is not a room'))).toEqual([])
})
