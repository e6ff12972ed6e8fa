import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { measure } from './measure.ts'
import { rows } from './rows.ts'
import { table } from './table.ts'

// The short table: fewer trials, wider bands, the same claims. `pnpm calibrate` is the long one.
describe('calibrated', () => {
  it.each(rows.map((row) => [row.name, row] as const))('%s', async (_, row) => {
    const measurement = await measure(row, { isShort: true })
    expect(measurement.measured).not.toBeNaN()
    expect(measurement.isHeld, table([measurement])).not.toBe(false)
  })
})

it('each row has a name of its own', () => {
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
})

it('measures the same again, alone or among others, and something else with another seed', async () => {
  const row = rows.find(({ name }) => name === 'group-sequential/naive-peeking-14')!
  const once = await measure(row, { isShort: true })
  expect(await measure(row, { isShort: true })).toEqual(once)
  expect((await measure(row, { isShort: true, seed: 2 })).measured).not.toBe(once.measured)
})

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8')

it('the command in the README prints what stands below it', () => {
  const [, words = '', output] =
    /^npx -y pnpm@10 -s calibrate (.*)\n```\n\n.*\n\n```text\n(.*?)```/ms.exec(
      read('calibration/README.md'),
    ) ?? []
  const command = ['scripts/run.mjs', 'calibration/main.ts', ...words.split(' ')]
  const printed = execFileSync(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
  expect(String(printed)).toBe(output)
})

it('the rows that READMEs name are there', () => {
  const themes = new Set(rows.map(({ name }) => name.split('/')[0]))
  const readmes = ['sequential', 'rollout'].map((name) => read(`packages/${name}/README.md`)).join('\n')
  const named = [...readmes.matchAll(/`([a-z-]+\/[a-z0-9-]+)`/g)]
    .map(([, name]) => name!)
    .filter((name) => themes.has(name.split('/')[0]!))
  expect(named.length).toBeGreaterThan(10)
  for (const name of named)
    expect(rows.map((row) => row.name).filter((each) => each.startsWith(name))).not.toEqual([])
})
