import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { fairtrial, folderWith } from './terminal.ts'
import { change, trial, trialYaml } from './trial.ts'

const flags = ['--conditions=@fairtrial/source', '--import', 'tsx']
const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url))
const cwd = fileURLToPath(new URL('.', import.meta.url))

async function fairtrialProcess(args: readonly string[], env: Record<string, string> = {}) {
  const done = await promisify(execFile)(process.execPath, [...flags, bin, ...args], {
    cwd,
    env: { ...process.env, ...env },
  }).then(
    (output) => ({ code: 0, ...output }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
  return { code: done.code, stdout: done.stdout, stderr: done.stderr }
}

function assigning(ids: number): { child: ChildProcess; fed: Promise<void> } {
  const path = folderWith({ 'trial.yaml': trialYaml })
  const args = [...flags, bin, 'assign', path('trial.yaml'), '--units', '-']
  const child = spawn(process.execPath, ['--max-old-space-size=64', ...args], { cwd })
  return { child, fed: feed(child, ids) }
}

/** Writes viewer-0, viewer-1 … as fast as they are taken; a reader that has seen enough is no error here either. */
async function feed({ stdin }: ChildProcess, ids: number): Promise<void> {
  if (stdin === null) throw new Error('The child has no stdin.')
  const lines = function* () {
    for (let n = 0; n < ids; n += 1000) {
      yield Array.from({ length: 1000 }, (_, offset) => `viewer-${n + offset}\n`).join('')
    }
  }
  await pipeline(Readable.from(lines()), stdin).catch(() => {})
}

const protocol = import.meta.resolve('@fairtrial/protocol').replace(/\/dist\/index\.js$/, '/src/index.ts')

/** A module that defines a trial. */
function moduleOf(definition: object, cast: string): string {
  return (
    `import { defineExperiment } from ${JSON.stringify(protocol)}\n` +
    `export const trial = defineExperiment(${JSON.stringify(definition)}${cast})\n`
  )
}

const scriptUrl = (source: string) => `data:text/javascript,${encodeURIComponent(source)}`

describe('the process', () => {
  it('writes its answer to stdout and nothing else there', async () => {
    const path = folderWith({
      'trial.yaml': trialYaml,
      'wrong.yaml': change(trialYaml, 'weight: 1 }', 'weight: 0 }'),
    })
    const valid = await fairtrialProcess(['check', path('trial.yaml'), '--json'])
    expect(valid).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(valid.stdout)).toMatchObject({ schema: 'fairtrial.check/1', valid: true })
    const wrong = await fairtrialProcess(['explain', path('wrong.yaml'), '--unit', 'a'])
    expect(wrong).toMatchObject({ code: 2, stdout: '' })
    expect(wrong.stderr).toContain('wrong.yaml:12:30 variants[0].weight')
  })

  it.each(['ts', 'mts', 'js', 'mjs'])(
    'reads a definition from .%s, and tells every problem of one that throws',
    async (ending) => {
      const cast = ending.endsWith('ts') ? ' as never' : ''
      const weightless = trial.variants.map((variant) => ({ ...variant, weight: 0 }))
      const path = folderWith({
        [`trial.${ending}`]: moduleOf(trial, cast),
        [`wrong.${ending}`]: moduleOf({ ...trial, variants: weightless, control: 'nobody' }, cast),
        'package.json': '{"type":"module"}',
      })
      const right = await fairtrialProcess(['check', path(`trial.${ending}`), '--json'])
      expect(right).toMatchObject({ code: 0, stderr: '' })
      const wrong = await fairtrialProcess(['check', path(`wrong.${ending}`)])
      expect(wrong).toMatchObject({ code: 2, stdout: '' })
      for (const place of ['variants[0].weight', 'variants[1].weight', 'control'])
        expect(wrong.stderr).toContain(`\n  ${place}: `)
    },
  )

  it('reads TypeScript also where Node does not', async () => {
    const refuse = `export async function load(url, context, next) {
      if (!url.endsWith('/trial.ts')) return next(url, context)
      throw Object.assign(new Error('Unknown file extension'), { code: 'ERR_UNKNOWN_FILE_EXTENSION' })
    }`
    const register = `import { register } from 'node:module'; register(${JSON.stringify(scriptUrl(refuse))})`
    const path = folderWith({ 'trial.ts': moduleOf({ ...trial, control: 'nobody' }, ' as never') })
    const env = { NODE_OPTIONS: `--import ${scriptUrl(register)}` }
    const { code, stderr } = await fairtrialProcess(['check', path('trial.ts')], env)
    expect(code).toBe(2)
    expect(stderr).toContain('trial.ts: The definition of "home-ranking" has a problem.\n  control: "nobody"')
  })

  it('assigns a million ids in bounded memory', async () => {
    const { child, fed } = assigning(1_000_000)
    let lines = 0
    let tail = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      for (const byte of chunk) if (byte === 0x0a) lines += 1
      tail = (tail + chunk.toString('latin1')).slice(-1000)
    })
    const [code] = (await once(child, 'close')) as [number]
    await fed
    expect({ code, lines }).toEqual({ code: 0, lines: 1_000_000 })
    const path = folderWith({ 'trial.yaml': trialYaml })
    const alone = await fairtrial(['assign', path('trial.yaml'), '--unit', 'viewer-999999'])
    expect(tail.endsWith(`\n${alone.stdout}`)).toBe(true)
  }, 120_000)

  it('ends in peace when the reader has seen enough', async () => {
    const { child, fed } = assigning(1_000_000)
    let stderr = ''
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.stdout?.once('data', () => child.stdout?.destroy())
    const [code] = (await once(child, 'close')) as [number]
    await fed
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  }, 120_000)

  it('FAULTS 51: reads the same wherever it runs', async () => {
    const rows = Array.from({ length: 40 }, (_, row) => `${row % 2 ? 'model' : 'control'},1,${row}`)
    const path = folderWith({
      'trial.yaml': trialYaml,
      'units.csv': ['arm,started,watched', ...rows].join('\n'),
    })
    const args = ['analyze', path('trial.yaml'), '--table', path('units.csv'), '--variant', 'arm', '--json']
    const [here, there] = await Promise.all(
      ['UTC', 'America/New_York'].map((TZ) => fairtrialProcess([...args, '--as-of', '2024-02-29'], { TZ })),
    )
    expect(here).toMatchObject({ code: 4, stderr: '' })
    expect(there).toEqual(here)
  })
})
