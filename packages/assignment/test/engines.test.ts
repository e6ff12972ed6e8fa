import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { EdgeVM } from '@edge-runtime/vm'
import { expect, it, onTestFinished } from 'vitest'
import { isMissing, runs } from './present.ts'
import { checkVectors } from './vectors.ts'
import { assignments, hashes, vectorsBundle } from './vectors-bundle.ts'

it('FAULTS 75: agrees with every vector in a browser', async () => {
  const places = [
    process.env['CHROMIUM_PATH'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ]
  const chromium = places.find((place) => place !== undefined && existsSync(place))
  if (isMissing('Chromium (CHROMIUM_PATH)', chromium !== undefined)) return

  const script = await vectorsBundle()
  const profile = mkdtempSync(join(tmpdir(), 'fairtrial-chromium-'))
  try {
    const page = join(profile, 'vectors.html')
    writeFileSync(
      page,
      `<!doctype html><body><script>${script};document.body.textContent = report</script></body>`,
    )
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
    expectAllRight(/<body>(\{.*\})/.exec(dom)?.[1])
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}, 60_000)

it('FAULTS 75: agrees with every vector in a worker thread', async () => {
  const script = await vectorsBundle()
  const worker = new Worker(`${script};require('node:worker_threads').parentPort.postMessage(report)`, {
    eval: true,
  })
  const told = new Promise<string>((resolve, reject) => worker.on('message', resolve).on('error', reject))
  expectAllRight(await told)
})

it('FAULTS 75: agrees with every vector in each process of a cluster', async () => {
  const program = `const cluster = require('node:cluster')
    if (cluster.isPrimary) { cluster.fork(); cluster.fork() }
    else { ${await vectorsBundle()};process.stdout.write(report + '\\n', () => process.exit()) }`
  const file = inFolder('cluster.cjs', program)
  const reports = execFileSync(process.execPath, [file], { encoding: 'utf8' }).trim().split('\n')
  expect(reports).toHaveLength(2)
  for (const report of reports) expectAllRight(report)
})

it('FAULTS 75: agrees with every vector where there is nothing of Node, as at the edge', async () => {
  const edge = new EdgeVM()
  const missing = edge.evaluate<string>('[typeof Buffer, typeof process, typeof require].join()')
  expect(missing).toBe('undefined,undefined,undefined')
  edge.evaluate(await vectorsBundle())
  expectAllRight(edge.evaluate<string>('report'))
})

it('FAULTS 75: agrees with every vector in Bun', async () => {
  if (isMissing('Bun', runs('bun', '--version'))) return
  const file = inFolder('vectors.js', `${await vectorsBundle()};console.log(report)`)
  expectAllRight(execFileSync('bun', [file], { encoding: 'utf8' }))
})

/** As many vectors as here, and all of them right. */
function expectAllRight(report = '{}'): void {
  const { checked, wrong } = JSON.parse(report)
  expect(wrong).toEqual([])
  expect(checked).toBe(checkVectors(hashes, assignments).checked)
}

function inFolder(name: string, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'fairtrial-engine-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
