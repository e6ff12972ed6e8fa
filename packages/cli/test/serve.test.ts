import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { serving } from './serving.ts'
import { fairtrial, folderWith } from './terminal.ts'
import { trialYaml } from './trial.ts'

/** What is kept of ours in a folder for temporary files; the loader of TypeScript has its own there. */
const keptIn = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('fairtrial'))

describe('serve', () => {
  it('starts a control plane of a YAML definition, which the other commands steer, and ends it', async () => {
    const path = folderWith({ 'trial.yaml': trialYaml })
    const folder = folderWith({})('.')
    const args = ['--definition', path('trial.yaml'), '--data', path('data'), '--port', '0']
    const { url, end } = serving(args, folder)
    const at = ['--url', await url()]
    expect(keptIn(folder)).toEqual([])
    const order = (action: string, reason: string, seen = '4') =>
      fairtrial([
        'rollout',
        action,
        'home-ranking',
        ...at,
        '--by',
        'ada',
        '--reason',
        reason,
        ...(action === 'approve' ? ['--revision', seen] : []),
      ])

    expect((await order('hold', 'a big match')).stdout).toMatch(/^home-ranking: holding, .*\n[^]*held by ada/)
    expect((await order('resume', 'it is over')).stdout).toMatch(/^home-ranking: running, /)
    const refused = await order('approve', 'seen', '3')
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('The control plane refuses: ') })
    expect((await order('abort', 'support is flooded')).stdout).toMatch(
      /^home-ranking: aborted, .*revision 4\n/,
    )
    const again = await order('abort', 'once more')
    expect(again.code).toBe(2)
    expect(again.stderr).toMatch(/It is aborted, .*revision 4: support is flooded\. /)
    // Each refusal is sentences, whatever people have written into it.
    for (const action of ['hold', 'resume', 'advance', 'approve', 'abort']) {
      const { code, stderr } = await order(action, 'why not')
      expect([action, code]).toEqual([action, 2])
      expect(stderr).toMatch(
        /^fairtrial: The control plane refuses: .*[.] It is aborted, .*: support is flooded[.] [A-Z].*[.]\n$/,
      )
    }
    const log = await fairtrial(['decisions', 'home-ranking', ...at])
    expect(log.stdout).toMatch(/^\S+ {2}ada {2}aborted, .*\n {2}support is flooded\n/)
    expect(log.stdout).toMatch(/ada {2}running, [^]*ada {2}holding, [^]*controller {2}running, /)
    expect(
      (await fairtrial(['decisions', 'home-ranking', ...at, '--text', 'BIG match', '--json'])).document,
    ).toMatchObject({
      schema: 'fairtrial.decisions/1',
      entries: [{ by: 'ada', text: 'a big match', status: 'holding' }],
    })

    // Twice, as where a terminal and a program in between both pass a Ctrl-C on.
    const [{ code, stdout, stderr }] = await Promise.all([end('SIGINT'), end('SIGINT')])
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: `{"listening":"${at[1]}"}\n` })
    expect(keptIn(folder)).toEqual([])

    // What it has left tells the same without it.
    const journal = ['decisions', 'home-ranking', '--data', path('data')]
    const { document } = await fairtrial([...journal, '--limit', '2', '--json'])
    expect(document).toMatchObject({
      entries: [
        { revision: 4, by: 'ada', text: 'support is flooded', role: null },
        { revision: 3, status: 'running' },
      ],
      next: 3,
    })
    expect((await fairtrial([...journal, '--by', 'controller'])).stdout).toMatch(/controller {2}running, /)
    expect((await fairtrial([...journal, '--rule', 'hard-limit'])).stdout).toBe(
      'home-ranking: no decision like that\n',
    )
    for (const [key, data] of [
      ['home-ranking', 'nowhere'],
      ['nobody', 'data'],
    ] as const)
      expect(await fairtrial(['decisions', key, '--data', path(data)])).toMatchObject({ code: 2 })
  })

  it('killed, it leaves no control plane behind, and nothing in the folder for temporary files', async () => {
    const path = folderWith({ 'trial.yaml': trialYaml })
    const folder = folderWith({})('.')
    const args = [`--definition=${path('trial.yaml')}`, '--data', path('data'), '--port', '0']
    const { url, end } = serving(args, folder)
    const at = await url()
    // Its output is at an end when both are gone.
    expect((await end('SIGKILL')).code).toBe(null)
    await expect(fetch(`${at}/healthz`)).rejects.toThrow()
    expect(keptIn(folder)).toEqual([])
    // It has given its directory up: another takes it at once.
    const next = serving(args, folder)
    expect((await fetch(`${await next.url()}/healthz`)).status).toBe(200)
    expect((await next.end('SIGTERM')).code).toBe(0)
  })

  it('FAULTS 53: serves on where whoever read what it says has ended, and takes an abort', async () => {
    const path = folderWith({ 'trial.yaml': trialYaml })
    const args = ['--definition', path('trial.yaml'), '--data', path('data'), '--port', '0']
    const { url, end, leave } = serving(args)
    const at = await url()
    leave('stderr')
    leave('stdout')
    const order = async (action: string, reason: string) => {
      const body = JSON.stringify({ by: 'ada', reason })
      const headers = { 'content-type': 'application/json' }
      const to = `${at}/v1/experiments/home-ranking/${action}`
      return (await fetch(to, { method: 'POST', headers, body })).status
    }
    // Each is a line that nobody reads; together they are more than a pipe holds.
    for (let i = 0; i < 400; i++) {
      expect(await order(i % 2 === 0 ? 'hold' : 'resume', `${i} `.padEnd(900, 'why not '))).toBe(200)
    }
    expect(await order('abort', 'support is flooded')).toBe(200)
    expect((await end('SIGTERM')).code).toBe(0)
  })

  it('hands its arguments on as they are, and its exit code back', async () => {
    const help = await serving(['--help']).ended
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toContain('--lease-ms N')
    const path = folderWith({ 'trial.yaml': trialYaml })
    const open = await serving([`--definition=${path('trial.yaml')}`, '--host', '0.0.0.0']).ended
    expect(open.code).toBe(2)
    expect(open.stderr).toContain('without --tokens anybody there could do everything')
  })

  it('tells of a definition that is wrong with its place, before anything starts', async () => {
    const path = folderWith({ 'trial.yaml': trialYaml.replace('weight: 1 }', 'weight: 0 }') })
    const folder = folderWith({})('.')
    vi.stubEnv('TMPDIR', folder)
    onTestFinished(() => void vi.unstubAllEnvs())
    const { code, stderr } = await fairtrial([
      'serve',
      '--definition',
      path('trial.yaml'),
      '--data',
      path('data'),
    ])
    expect(code).toBe(2)
    expect(stderr).toContain('trial.yaml:12:30 variants[0].weight')
    expect(existsSync(path('data'))).toBe(false)
    expect(keptIn(folder)).toEqual([])
  })
})
