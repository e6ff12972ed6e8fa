// The checks of a published package are fed one that keeps every rule and one that breaks each of them.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const workspace = fileURLToPath(new URL('..', import.meta.url))
const bin = join(workspace, 'node_modules/.bin')
const index = { types: './dist/index.d.ts', default: './dist/index.js' }
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'package-'))
  symlinkSync(join(workspace, 'node_modules'), join(folder, 'node_modules'))
  writeManifest({ '.': index })
  write('README.md', '# verb\n')
  write('dist/index.d.ts', '/** Does it. */\nexport declare function verb(at: number): number\n')
  write('dist/index.js', 'export function verb(at) {\n  return at\n}\n')
  write('.size-limit.json', '[{ "path": "dist/index.js", "limit": "100 B" }]')
})
afterAll(() => rmSync(folder, { recursive: true }))

function writeManifest(exports: object) {
  const identity = {
    name: '@fairtrial/verb',
    version: '0.0.0',
    license: 'MIT',
    type: 'module',
    sideEffects: false,
  }
  // A package of the workspace finds these in the workspace's manifest.
  const devDependencies = { '@size-limit/esbuild': '*', '@size-limit/file': '*' }
  const manifest = { ...identity, files: ['dist'], exports, publishConfig: { exports }, devDependencies }
  write('package.json', JSON.stringify(manifest))
}

function write(path: string, text: string) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

function run(task: 'check' | 'api') {
  const { status, stdout, stderr } = spawnSync(
    join(bin, 'tsx'),
    [join(workspace, 'scripts/package.ts'), task],
    {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    },
  )
  return { status, output: stdout + stderr }
}

it('passes a package that keeps every rule and whose report is written', () => {
  expect(run('api').output).toBe('')
  expect(run('check')).toEqual({ status: 0, output: '' })
})

it('refuses types that are new or undocumented, a tarball that a stranger cannot use, a bundle that has grown', () => {
  // The types of `more` are here but are not packed; its code does not exist at all.
  writeManifest({ '.': index, './more': { types: './src/more.d.ts', default: './dist/more.js' } })
  write('src/more.d.ts', '/** Does more. */\nexport declare const more: number\n')
  write('dist/index.d.ts', 'export declare function verb(at: string): number\n')
  write(
    'dist/index.js',
    `export const constants = [${Array.from({ length: 40 }, (_, i) => Math.sqrt(i)).join()}]\n`,
  )
  write('etc/verb.gone.api.md', '')
  const { status, output } = run('check')
  expect(status).toBe(1)
  expect(output).toContain('.: its public types differ from etc/')
  expect(output).toContain('./more: its public types differ from etc/')
  expect(output).toContain('.: 1 public exports have no doc comment')
  expect(output).toContain('etc/verb.gone.api.md reports an entry point that is gone')
  expect(output).toContain('publint found problems')
  expect(output).toContain('attw found problems')
  expect(output).toContain('Package size limit has exceeded')
})
