import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { spawnPlane } from './spawned-plane.ts'

let readme: string
let directory: string
let plane: ReturnType<typeof spawnPlane>
beforeAll(async () => {
  readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  directory = await mkdtemp(join(tmpdir(), 'fairtrial-readme-'))
  const file = join(directory, 'home-row.json')
  await writeFile(file, /```json\n([^`]+)```/.exec(readme)?.[1] ?? '')
  plane = spawnPlane(['--definition', file, '--data', directory, '--port', '0', '--tick-ms', '60000'])
})
afterAll(async () => {
  await plane.end('SIGKILL')
  await rm(directory, { recursive: true })
})

/** Times differ from run to run. */
const withoutTimes = (text: string) => text.replaceAll(/\b\d{13}\b/g, 'T')

it('answers as the README says', async () => {
  const url = await plane.url()
  const [, block = ''] = /```console\n([^`]+)```/.exec(readme) ?? []
  const runs = [...block.matchAll(/^\$ curl \S+4600(\S+)(.*)\n([^$]*)/gm)]
  expect(runs.length).toBeGreaterThan(3)
  const answers: string[] = []
  for (const [, path, options = ''] of runs) {
    const header = /-H '([^:]+): ([^']+)'/.exec(options)
    const body = /-d '([^']+)'/.exec(options)?.[1]
    const response = await fetch(`${url}${path}`, {
      ...(header && { headers: { [String(header[1])]: String(header[2]) } }),
      ...(body !== undefined && { method: 'POST', body }),
    })
    answers.push(await response.text())
  }
  expect(withoutTimes(answers.join('\n'))).toBe(
    withoutTimes(runs.map(([, , , answer = '']) => answer.trim()).join('\n')),
  )
}, 60_000)
