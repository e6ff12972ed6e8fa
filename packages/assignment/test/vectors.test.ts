import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { hashLatin1 } from '../src/hash.ts'
import { checkVectors } from './vectors.ts'

const folder = fileURLToPath(new URL('../vectors/', import.meta.url))
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))
const hashes = read('hash.json')
const assignments = read('assignment.json')

it('agrees with every vector in Node', () => {
  const { checked, wrong } = checkVectors(hashes, assignments)
  expect(wrong).toEqual([])
  expect(checked).toBeGreaterThan(700)
})

it('agrees with the reference C++ on bytes that are no text', () => {
  for (const { id, seed, utf8Hex, hash } of hashes.cases) {
    expect(hashLatin1(Buffer.from(utf8Hex, 'hex').toString('latin1'), seed), id).toBe(hash)
  }
})

it('reproduces the verification value of the reference C++', () => {
  const keys = Array.from({ length: 256 }, (_, i) => String.fromCharCode(...Array(i).keys()))
  const all = Buffer.alloc(1024)
  for (const [i, key] of keys.entries()) all.writeUInt32LE(hashLatin1(key, 256 - i), i * 4)
  expect(hashLatin1(all.toString('latin1'), 0)).toBe(hashes.verification.expected.hash)
})

it('counts as the reference C++ does, uniform and independent', () => {
  const counts = Array<number>(100).fill(0)
  for (let i = 0; i < 200_000; i++) counts[Math.floor((hashLatin1(`exp-7:user-${i}`, 0) * 100) / 2 ** 32)]!++
  expect(counts).toEqual(hashes.uniformity.expected.counts)
  const table = [
    [0, 0],
    [0, 0],
  ]
  for (let i = 0; i < 100_000; i++) {
    table[hashLatin1(`layerA:user-${i}`, 0) >>> 31]![hashLatin1(`layerB:user-${i}`, 0) >>> 31]!++
  }
  expect(table).toEqual(hashes.independence.expected.table)
})

it('agrees with an implementation in another language', () => {
  if (isMissing('python3', runs('python3', '--version'))) return
  const output = execFileSync('python3', [join(folder, 'verify.py')], { encoding: 'utf8' })
  expect(output).toMatch(/^(\d+) of \1 vectors agree\n$/)
})

it('agrees with every vector in a browser', async () => {
  const places = [
    process.env['CHROMIUM_PATH'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ]
  const chromium = places.find((place) => place !== undefined && existsSync(place))
  if (isMissing('Chromium (CHROMIUM_PATH)', chromium !== undefined)) return

  const here = fileURLToPath(new URL('.', import.meta.url))
  const entry = `import { checkVectors } from './vectors.ts'
    import hashes from '../vectors/hash.json'
    import assignments from '../vectors/assignment.json'
    document.body.textContent = JSON.stringify(checkVectors(hashes, assignments))`
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: here, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    conditions: ['@fairtrial/source'],
    // A script in a page ends at its first closing tag, and is read in the encoding of the page.
    charset: 'ascii',
  })
  const profile = mkdtempSync(join(tmpdir(), 'fairtrial-chromium-'))
  try {
    const page = join(profile, 'vectors.html')
    writeFileSync(page, `<!doctype html><body><script>${outputFiles[0]?.text}</script></body>`)
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking']
    const quiet = [
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      `--user-data-dir=${profile}`,
    ]
    const dom = execFileSync(chromium as string, [...flags, ...quiet, '--dump-dom', `file://${page}`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const { checked, wrong } = JSON.parse(/<body>(\{.*\})/.exec(dom)?.[1] ?? '{}')
    expect(wrong).toEqual([])
    expect(checked).toBe(checkVectors(hashes, assignments).checked)
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}, 60_000)

/** What is not there is said loudly, and in CI it is a failure. */
function isMissing(what: string, present: boolean): boolean {
  if (!present) {
    console.error(`NOT CHECKED: ${what} is not on this machine, so its vectors were not run.`)
    expect(process.env['CI'], `${what} must be there in CI`).toBeFalsy()
  }
  return !present
}

function runs(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
