import { readFileSync } from 'node:fs'
import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { fairtrial, NOW } from '../test/terminal.ts'
import { exitCodes, run } from './index.ts'

const commands = [
  'check',
  'explain',
  'assign',
  'hash',
  'analyze',
  'audit',
  'tail',
  'srm',
  'power',
  'boundaries',
  'simulate',
  'rollout status',
  'rollout abort',
]

describe('run', () => {
  it.each(commands)('%s --help tells what it does, with an example, in 80 columns', async (command) => {
    const { code, stdout, stderr } = await fairtrial([...command.split(' '), '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Usage: fairtrial ${command} `)
    expect(stdout).toMatch(new RegExp(`Example:\n  \\$ .*fairtrial ${command} `))
    expect(stdout).toContain('--json')
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  it.each([[[]], [['rollout']]])('%j prints help to stderr and exits 2', async (args) => {
    const { code, stdout, stderr } = await fairtrial(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('Commands:')
  })

  it('--help names every command and every exit code', async () => {
    const { code, stdout } = await fairtrial(['--help'])
    expect(code).toBe(0)
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command.split(' ')[0]} `, 'm'))
    for (const exitCode of Object.values(exitCodes))
      expect(stdout).toMatch(new RegExp(`\\b${exitCode} [a-z]`))
  })

  it('--version prints the version of the package', async () => {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    expect(await fairtrial(['--version'])).toMatchObject({ code: 0, stdout: `${manifest.version}\n` })
  })

  it.each([
    ['destroy', 'fairtrial'],
    ['check', 'fairtrial check'],
    ['analyze trial.yaml', 'fairtrial analyze'],
    ['analyze trial.yaml --table units.csv', 'fairtrial analyze'],
    ['hash --sed 42 -', 'fairtrial hash'],
    ['rollout destroy', 'fairtrial rollout'],
    ['rollout status', 'fairtrial rollout status'],
  ])('refuses %j, and points to the help of what was used', async (line, command) => {
    const { code, stdout, stderr } = await fairtrial(line.split(' '))
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^fairtrial: .*\nSee ${command} --help\\.\n$`, 's'))
    expect((await fairtrial(`${command.replace(/^fairtrial ?/, '')} --help`.trim().split(' '))).code).toBe(0)
  })

  it('points to the same help in a document', async () => {
    const { document } = await fairtrial(['check', '--json'])
    expect(document.remedy).toBe('See fairtrial check --help.')
  })

  it('exits 1 of a fault of its own, and does not throw', async () => {
    let told = ''
    const code = await run(['hash', '-'], {
      stdin: Readable.from([Buffer.from('a\n')]),
      stdout: Object.assign(new PassThrough(), {
        write() {
          throw new Error('The terminal is broken.')
        },
      }),
      stderr: new PassThrough().on('data', (chunk: Buffer) => (told += chunk.toString())),
      now: () => NOW,
    })
    expect(code).toBe(1)
    expect(told).toContain('fairtrial: Error: The terminal is broken.')
  })
})
