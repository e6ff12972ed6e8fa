import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { playerJson, recordTrial, segmentOf } from './recorded-trial.ts'
import { fairtrial, folderWith } from './terminal.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const files = [...readme.matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms)].map(
  ([, name, text]) => [name, text] as const,
)
/** What the README replays, and is too long to stand there. */
const recorded = {
  'player.json': playerJson,
  'log/player-1.000001.ndjson': segmentOf(await recordTrial(12)),
}
const runs = [...readme.matchAll(/^```console\n\$ (.*?)\n(.*?)^```$/gms)].map(([, line, output]) => ({
  line,
  output,
}))

const SHOWN = ['check', 'explain', 'assign', 'analyze', 'holdout', 'srm', 'power', 'boundaries', 'simulate']

describe('README', () => {
  it.each(runs)('$ $line', async ({ line = '', output }) => {
    const before = process.cwd()
    process.chdir(folderWith({ ...Object.fromEntries(files), ...recorded })('.'))
    onTestFinished(() => process.chdir(before))
    const [, input = '', args = ''] = /^(?:printf '(.*)' \| )?fairtrial (.*)$/.exec(line) ?? []
    const { stdout, stderr } = await fairtrial(args.split(' '), input.replaceAll('\\n', '\n'))
    expect(stdout + stderr).toBe(output)
  })

  it('shows a run of each command that needs no control plane, and of what a log tells', () => {
    for (const command of [...SHOWN, 'ready', 'decide', 'replay'])
      expect(runs.some(({ line }) => line?.includes(`fairtrial ${command} `))).toBe(true)
  })
  it('has every command in its table', async () => {
    const { stdout } = await fairtrial(['--help'])
    const names = [...stdout.matchAll(/^ {2}([a-z]+)(?: \[|  )/gm)].map(([, name]) => name)
    const { stdout: orders } = await fairtrial(['rollout', '--help'])
    const below = [...orders.matchAll(/^ {2}([a-z]+) \[options\] <key>/gm)].map(([, name]) => name)
    expect(names.length).toBeGreaterThan(15)
    expect(below).toEqual(['status', 'abort', 'hold', 'resume', 'advance', 'approve', 'retry', 'ready'])
    for (const name of names.filter((each) => each !== 'help'))
      expect(readme).toMatch(new RegExp(`^\\| \`${name}\\b`, 'm'))
    for (const name of below)
      expect(readme).toMatch(new RegExp(`^\\| \`rollout [a-z|\\\\]*\\b${name}\\b`, 'm'))
  })
})
