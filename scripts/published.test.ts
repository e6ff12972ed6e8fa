// The packages as a stranger gets them: packed, unpacked into the node_modules of a project of its own, and used
// there by a program that goes round the whole circle, in both compilers, in Node, and bundled for a browser.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const workspace = fileURLToPath(new URL('..', import.meta.url))
/** What a service installs, and what runs its rollouts: all rooms but the command, which is a program. */
const ROOMS = readdirSync(join(workspace, 'packages')).filter((room) => room !== 'cli')
/** Whose folder knows the libraries that the rooms depend on. */
const LIBRARIES = { zod: 'protocol', '@noble/hashes': 'protocol', murmurhash3js: 'assignment' }
/** Keys and tokens in the forms that their issuers give them. */
const SECRET = /-----BEGIN [A-Z ]*PRIVATE KEY|\b(npm_|ghp_|xox[bap]-|AKIA)[A-Za-z0-9-]{12,}/
const tsc = join(workspace, 'node_modules/.bin/tsc')
const STRICTEST = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }

let project: string
let modules: string

interface Manifest {
  exports: Record<string, unknown>
  dependencies?: Record<string, string>
}

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'published-'))
  modules = join(project, 'node_modules')
  const tarballs = join(project, 'tarballs')
  run(tsc, '-b', ...ROOMS.map((room) => `packages/${room}`))
  const filters = ROOMS.map((room) => `--filter=./packages/${room}`)
  run('npx', '-y', 'pnpm@10', ...filters, 'pack', '--pack-destination', tarballs)
  for (const room of ROOMS) {
    const target = join(modules, '@fairtrial', room)
    mkdirSync(target, { recursive: true })
    const tarball = readdirSync(tarballs).find((name) => name.startsWith(`fairtrial-${room}-`)) ?? room
    run('tar', '-xzf', join(tarballs, tarball), '-C', target, '--strip-components=1')
  }
  for (const [library, room] of Object.entries(LIBRARIES)) {
    cpSync(join(workspace, 'packages', room, 'node_modules', library), join(modules, library), {
      recursive: true,
      dereference: true,
    })
  }
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(project, 'main.ts'), PROGRAM)
  const typeRoots = [join(workspace, 'node_modules/@types')]
  const compilerOptions = { ...STRICTEST, target: 'es2022', typeRoots, types: ['node'] }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }))
}, 120_000)
afterAll(() => rmSync(project, { recursive: true, force: true }))

function run(command: string, ...args: string[]) {
  execFileSync(command, args, { cwd: workspace })
}

const PROGRAM = `
import { mkdtempSync } from 'node:fs'
import { assign, loadExperiment } from '@fairtrial/assignment'
import { createClient, givenSnapshot } from '@fairtrial/client'
import { segmentLog, segmentSink } from '@fairtrial/exposure/segments'
import { defineExperiment } from '@fairtrial/protocol'
import { createController, fileStateStore } from '@fairtrial/rollout/controller'

const ranking = defineExperiment({
  key: 'ranking',
  hypothesis: {
    change: 'a new ranking',
    population: 'all viewers',
    metric: 'started',
    direction: 'increase',
    minimumLift: { relative: 0.02 },
    horizon: '14d',
  },
  unitType: 'viewer',
  variants: [
    { name: 'old', weight: 1, config: { model: 'v1' } },
    { name: 'new', weight: 1, config: { model: 'v2', depth: 3 } },
  ],
  control: 'old',
  metrics: { started: { type: 'proportion', role: 'primary', direction: 'increase', window: '1m' } },
  analysis: { method: 'asymptotic-cs', tuneAt: 1_000 },
  ramp: { stages: [{ trafficPercent: 100, holdFor: '1h', minimumUnits: 100 }] },
})

const directory = mkdtempSync('log-')
const clock = { time: Date.UTC(2026, 0, 5), now: () => clock.time, monotonic: () => clock.time }
const store = fileStateStore({ directory: directory + '/state' })
const controller = createController({ experiment: ranking, store, log: segmentLog(directory), clock })
const { state } = await controller.tick()
if (state === null) throw new Error('no state')

const snapshot = { schema: 'fairtrial.snapshot/1', revision: 1, issuedAt: 0, validUntil: 30_000, states: [state] } as const
const client = createClient({
  experiments: [ranking],
  source: givenSnapshot(snapshot),
  sink: segmentSink({ directory, producerId: 'service' }),
  instanceId: 'service',
  clock,
})
for (let i = 0; i < 200; i++) {
  const viewer = { unitType: 'viewer', unitId: 'viewer-' + i }
  const arm = client.assign(ranking, viewer)
  client.expose(arm)
  client.track({ ...viewer, name: 'started' })
}
await client.close()
clock.time += 600_000
const { evaluation, decision } = await controller.tick()
await controller.stop()

const arm = assign(loadExperiment(ranking, state), { unitType: 'viewer', unitId: 'viewer-1' })
const name: 'old' | 'new' | null = arm.variant
// @ts-expect-error there is no such variant
const missing: boolean = arm.variant === 'newer'
const config: { readonly model: string } = arm.config
if (arm.variant === 'new') {
  const depth: number = arm.config.depth
  // @ts-expect-error nor such a field
  void arm.config.width
  void depth
}
console.log(JSON.stringify([name, missing, config.model, Object.keys(evaluation?.metrics ?? {}), decision?.action]))
`

/** What a compiler says about the program; nothing where all is well. It leaves main.js. */
function compile(compiler: string, module: string, moduleResolution: string): string {
  const tsc = join(workspace, 'node_modules', compiler, 'bin/tsc')
  const args = [tsc, '--module', module, '--moduleResolution', moduleResolution]
  return spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' }).stdout
}

describe('a stranger', () => {
  it.each([
    ['typescript-5.9', 'nodenext', 'nodenext'],
    ['typescript-5.9', 'esnext', 'bundler'],
    ['typescript', 'esnext', 'bundler'],
    ['typescript', 'nodenext', 'nodenext'],
  ])(
    'has every type inferred, and every declaration checked: %s, %s, %s',
    { timeout: 120_000 },
    (...options) => expect(compile(...options)).toBe(''),
  )

  it('runs the program in Node, from the definition to the decision', () => {
    const { stdout, stderr } = spawnSync(process.execPath, ['main.js'], { cwd: project, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual(['old', false, 'v1', ['started'], 'continue'])
  })

  it.each(ROOMS)(
    'FAULTS 73: gets %s with all that it names, and nothing that only this workspace understands or keeps',
    (room) => {
      const folder = join(modules, '@fairtrial', room)
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
      expect(JSON.stringify(manifest.exports)).not.toContain('source')
      for (const version of Object.values(manifest.dependencies ?? {}))
        expect(version).toMatch(/^\d+\.\d+\.\d+$/)
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      expect(files.filter((file) => /(?<!\.d)\.ts$|\.test\.|tsbuildinfo|\.d\.ts\.map$/.test(file))).toEqual(
        [],
      )
      const listed = /^(dist|schemas|vectors)(\/|$)|^(package\.json|README\.md|LICENSE)$/
      expect(files.filter((file) => !listed.test(file))).toEqual([])
      for (const file of files.filter((name) => /\.\w+$/.test(name))) {
        expect(readFileSync(join(folder, file), 'utf8'), file).not.toMatch(SECRET)
      }
      // A map that points to sources that are not in the tarball is a warning in every bundler.
      for (const file of files.filter((name) => name.endsWith('.js.map'))) {
        expect(JSON.parse(readFileSync(join(folder, file), 'utf8'))).toHaveProperty('sourcesContent')
      }
    },
  )

  it.each(ROOMS)('FAULTS 73: gets of %s what the same sources make again, byte by byte', (room) => {
    const again = join(project, 'again', room)
    const config = ['tsconfig.pure.json', 'tsconfig.json']
      .map((name) => join(workspace, 'packages', room, name))
      .find((path) => existsSync(path))!
    run(tsc, '-p', config, '--outDir', again, '--tsBuildInfoFile', join(again, '.tsbuildinfo'))
    const made = readdirSync(again, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.js'),
    )
    expect(made.length).toBeGreaterThan(3)
    for (const file of made) {
      const published = readFileSync(join(modules, '@fairtrial', room, 'dist', file), 'utf8')
      expect(readFileSync(join(again, file), 'utf8'), file).toBe(published)
    }
  })

  it.each([
    ['@fairtrial/assignment', ['murmurhash3js']],
    ['@fairtrial/exposure', []],
    ['@fairtrial/client', ['murmurhash3js']],
    ['@fairtrial/client/http', []],
  ])('bundles %s for a browser, with no library but %j', async (entry, libraries) => {
    const bundle = await build({
      stdin: { contents: `export * from '${entry}'`, resolveDir: project },
      bundle: true,
      format: 'esm',
      platform: 'browser',
      write: false,
      metafile: true,
      logLevel: 'silent',
    })
    const files = Object.keys(bundle.metafile.inputs).map(
      (file) => file.split('node_modules/').at(-1) ?? file,
    )
    const brought = files.filter((file) => !file.startsWith('@fairtrial/') && file !== '<stdin>')
    expect([...new Set(brought.map((file) => file.split('/')[0]))]).toEqual(libraries)
    expect(bundle.warnings).toEqual([])
  })
})
