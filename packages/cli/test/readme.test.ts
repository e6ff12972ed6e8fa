import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fairtrial, folderWith } from './terminal.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const files = [...readme.matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms)].map(
  ([, name, text]) => [name, text] as const,
)
const runs = [...readme.matchAll(/^```console\n\$ (.*?)\n(.*?)^```$/gms)].map(([, line, output]) => ({
  line,
  output,
}))

describe('README', () => {
  it.each(runs)('$ $line', async ({ line = '', output }) => {
    const before = process.cwd()
    process.chdir(folderWith(Object.fromEntries(files))('.'))
    onTestFinished(() => process.chdir(before))
    const [, input = '', args = ''] = /^(?:printf '(.*)' \| )?fairtrial (.*)$/.exec(line) ?? []
    const { stdout, stderr } = await fairtrial(args.split(' '), input.replaceAll('\\n', '\n'))
    expect(stdout + stderr).toBe(output)
  })

  it('shows a run of each command that needs no log and no control plane', () => {
    for (const command of ['check', 'explain', 'assign', 'analyze', 'srm', 'power', 'boundaries', 'simulate'])
      expect(runs.some(({ line }) => line?.includes(`fairtrial ${command} `))).toBe(true)
  })
})
