import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SOURCE_FLAGS } from './source-flags.ts'

const main = fileURLToPath(new URL('../src/demo/main.ts', import.meta.url))

let scratch: string
const running = new Set<ChildProcess>()
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'fairtrial-demo-test-'))
})
afterAll(async () => {
  // One that did not end in time is told to, so that it ends its own processes.
  for (const child of running) child.kill('SIGTERM')
  await rm(scratch, { recursive: true, force: true })
})

/** Runs the demo; its temporary files go to `scratch`. */
async function demo(
  args: readonly string[],
  onOutput: (soFar: string, pid: number) => void = () => undefined,
) {
  const child = spawn(process.execPath, [...SOURCE_FLAGS, main, ...args], {
    env: { ...process.env, TMPDIR: scratch },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk)
    onOutput(stdout, child.pid ?? 0)
  })
  child.stderr.on('data', (chunk) => (stderr += String(chunk)))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    code,
    stdout,
    stderr,
    left: (await readdir(scratch)).filter((name) => name.startsWith('fairtrial')),
  }
}

const BALANCE = /delivered (\d+), in the log \1 \(\d+ exposures, \d+ outcomes\): every one delivered/

describe('pnpm demo', () => {
  it('harmful: the guardrail breaches, the rollout is aborted, the rollback is proved', async () => {
    const { code, stdout, stderr, left } = await demo([])
    expect([code, stderr, left]).toEqual([0, '', []])
    expect(stdout).toMatch(/running +stage 2\/3 +50 % +advance: Stage 1 of 3 is complete/)
    expect(stdout).toMatch(/aborted +stage \d\/3 +0 % +abort: Guardrail .* wholly beyond the margin/)
    expect(stdout).toMatch(/Decision: abort\n {2}Guardrail/)
    expect(stdout).toMatch(/Rollback: proved \d+ ms after/)
    expect(stdout).toMatch(/time to zero treatment: \d+ ms/)
    expect(stdout).toMatch(/Audit: trusted\n/)
    expect(stdout).toMatch(/ranking_latency +session .* margin 50 % → breach/)
    expect(stdout).toMatch(BALANCE)
    expect(stdout).not.toContain('\x1b')
  }, 120_000)

  it('healthy: ramps to the end and ships on its plan', async () => {
    const { code, stdout, stderr, left } = await demo(['--scenario', 'healthy'])
    expect([code, stderr, left]).toEqual([0, '', []])
    expect(stdout).toMatch(/shipped +stage 3\/3 +100 % +ship: Primary finished, session: better/)
    expect(stdout).toMatch(/Decision: ship\n(.*\n)+? {2}Guardrail started, session: ok, margin 0\.06\./)
    expect(stdout).toMatch(BALANCE)
  }, 120_000)

  it('FAULTS 45, 61: broken logging: held and not promoted, the sample ratio mismatch named', async () => {
    const { code, stdout, stderr, left } = await demo(['--scenario', 'broken-logging'])
    expect([code, stderr, left]).toEqual([0, '', []])
    expect(stdout).toMatch(/Decision: hold\n {2}The audit is broken/)
    expect(stdout).toMatch(/Sample ratio mismatch: popularity has/)
    expect(stdout).toMatch(/Audit: broken\n/)
    expect(stdout).not.toMatch(/(shipped|aborted) +stage/)
    expect(stdout).toMatch(BALANCE)
  }, 120_000)

  it('keeps the console when all is told, until it is interrupted', async () => {
    let kept: Promise<Response> | undefined
    const { code, stdout, left } = await demo(['--keep'], (soFar, pid) => {
      const url = /the console stays at (\S+) until Ctrl-C/.exec(soFar)?.[1]
      if (url === undefined || kept !== undefined) return
      kept = fetch(`${url}/v1/experiments/home-row-ranking`)
      void kept.finally(() => process.kill(pid, 'SIGINT'))
    })
    expect([code, left]).toEqual([130, []])
    expect(stdout).toMatch(/Decision: abort\n/)
    expect((await kept)?.status).toBe(200)
  }, 120_000)

  it('interrupted, it ends its processes and leaves nothing behind', async () => {
    let url = ''
    const { code, stdout, left } = await demo([], (soFar, pid) => {
      const found = /control plane at (\S+),/.exec(soFar)?.[1]
      if (found === undefined || url !== '') return
      url = found
      process.kill(pid, 'SIGINT')
    })
    expect([code, left]).toEqual([130, []])
    expect(stdout).not.toContain('Decision')
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed')
  }, 60_000)
})
