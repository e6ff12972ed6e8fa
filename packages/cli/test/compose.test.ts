import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { fairtrial, folderWith } from './terminal.ts'

interface Service {
  readonly image: string
  readonly profiles?: readonly string[]
  readonly command?: readonly string[]
  readonly entrypoint?: readonly string[]
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
}

const root = fileURLToPath(new URL('../../..', import.meta.url))
const compose = parse(readFileSync(`${root}compose.yaml`, 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: object
  readonly configs: { readonly tokens: { readonly content: string } }
}
const { services } = compose
const serviceOf = (name: string) => services[name]!
const tokens = JSON.parse(compose.configs.tokens.content) as readonly { role: string; sha256: string }[]

/** Runs the command of a service as its container does, but for these arguments; waits until it says where it listens. */
async function starting(name: string, change: (argument: string) => string | null) {
  const [node, ...args] = serviceOf(name).command!.flatMap((argument) => change(argument) ?? [])
  expect(node).toBe('node')
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...serviceOf(name).environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr!.on('data', (chunk) => (errors += String(chunk)))
  const ended = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await ended
  })
  const line = once(createInterface(child.stdout!), 'line').then(([text]) => String(text))
  const said = await Promise.race([line, ended.then(() => Promise.reject(new Error(errors)))])
  return { child, ended, listening: String(JSON.parse(said).listening) }
}

describe('compose.yaml', () => {
  it('starts Kafka alone, and everything in the profile', () => {
    const alone = Object.entries(services).filter(([, { profiles }]) => profiles === undefined)
    expect(alone.map(([name]) => name)).toEqual(['kafka', 'topics'])
    expect(new Set(Object.keys(services))).toEqual(
      new Set(['control-plane', 'kafka', 'postgres', 'service', 'topics', 'viewers']),
    )
    const used = Object.values(services).flatMap(({ volumes = [] }) =>
      volumes.map((each) => each.split(':')[0]),
    )
    expect(new Set(used)).toEqual(new Set(Object.keys(compose.volumes)))
  })

  it('says in texts what is run: `a: b` without quotes is none, and compose refuses the file', () => {
    const run = Object.entries(services).flatMap(([name, { command = [], entrypoint = [], healthcheck }]) =>
      [...command, ...entrypoint, ...(healthcheck?.test ?? [])].map((word) => [name, word] as const),
    )
    expect(run.length).toBeGreaterThan(20)
    expect(run.filter(([, word]) => typeof word !== 'string')).toEqual([])
  })

  it('asks whether the control plane is ready by a program that runs', async () => {
    const [kind, program, ...args] = serviceOf('control-plane').healthcheck!.test
    expect([kind, program]).toEqual(['CMD', 'node'])
    const server = createServer((_, response) => response.writeHead(status).end())
    let status = 200
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const asked = async () => {
      const here = args.map((argument) => argument.replace(':4600/', `:${port}/`))
      return (await once(spawn(process.execPath, here, { stdio: 'ignore' }), 'close')) as [number]
    }
    expect(await asked()).toEqual([0, null])
    status = 503
    expect(await asked()).toEqual([1, null])
  })

  it('is reached from this machine alone, and waits for what it needs', () => {
    for (const { ports = [] } of Object.values(services))
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/)
    for (const { depends_on = {} } of Object.values(services))
      expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(depends_on)))
  })

  it('keeps no token, but what the tokens in its comment hash to', () => {
    const hash = (text: string) => createHash('sha256').update(text).digest('hex')
    expect(tokens.map(({ role, sha256 }) => [role, sha256])).toEqual(
      ['service', 'viewer', 'operator', 'admin'].map((role) => [role, hash(`demo-${role}`)]),
    )
  })

  it('runs programs that there are, with arguments that they take', async () => {
    for (const { command = [] } of Object.values(services)) {
      for (const file of command.filter((each) => /^[\w/.-]+\.(ts|mjs)$/.test(each)))
        expect(existsSync(root + file)).toBe(true)
    }
    const [, ...args] = serviceOf('control-plane').command!
    const asked = async (option: string) => {
      const child = spawn(process.execPath, [...args, option], { cwd: root, stdio: 'ignore' })
      return (await once(child, 'close')) as [number]
    }
    const codes = await Promise.all(['--help', '--no-such-option'].map(asked))
    expect(codes).toEqual([
      [0, null],
      [2, null],
    ])
  })

  it('brings the service, its viewers and the control plane together, tokens and all', async () => {
    const path = folderWith({ 'tokens.json': compose.configs.tokens.content })
    const plane = await starting('control-plane', (argument) => {
      if (/^--(postgres|kafka)=/.test(argument)) return null // of which there is none here
      if (argument === '--tokens=/tokens.json') return `--tokens=${path('tokens.json')}`
      if (argument === '--data=/data') return `--data=${path('data')}`
      return argument === '--host=0.0.0.0' ? '--port=0' : argument
    })
    const service = await starting('service', (argument) => {
      if (argument.startsWith('--kafka=')) return null
      if (argument.startsWith('--control=')) return `--control=${plane.listening}`
      if (argument === '--host=0.0.0.0') return '--host=127.0.0.1'
      return argument.startsWith('--port=') ? '--port=0' : argument
    })
    const [, ...viewers] = serviceOf('viewers').command!
    const child = spawn(
      process.execPath,
      viewers.map((argument) =>
        argument.startsWith('--service=') ? `--service=${service.listening}` : argument,
      ),
      { cwd: root },
    )
    const closed = once(child, 'close')
    onTestFinished(async () => {
      child.kill('SIGTERM')
      await closed
    })
    const token = path('token')
    writeFileSync(token, 'demo-operator')
    const asking = ['--url', plane.listening, '--token-file', token]
    const unitsSeen = async () => {
      const { document } = await fairtrial(['rollout', 'status', 'home-row-ranking', ...asking, '--json'])
      return Object.values((document.evaluation?.units ?? {}) as Record<string, number>).reduce(
        (a, b) => a + b,
        0,
      )
    }
    while ((await unitsSeen()) < 50) await new Promise((resolve) => setTimeout(resolve, 200))
    const hold = ['rollout', 'hold', 'home-row-ranking', '--reason', 'a look', ...asking]
    expect((await fairtrial(hold)).stdout).toContain('held by otto')
    writeFileSync(token, 'demo-viewer')
    expect((await fairtrial(['rollout', 'abort', ...hold.slice(2)])).stderr).toContain('vera is viewer')
  })
})
