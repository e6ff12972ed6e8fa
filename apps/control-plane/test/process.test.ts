import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readSegments } from '@fairtrial/exposure/segments'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RolloutView } from '@fairtrial/rollout'
import { batch, eventsOf, NDJSON } from './local-plane.ts'
import { spawnPlane } from './spawned-plane.ts'
import { definition } from './trial.ts'

let directory: string
let file: string
const spawned: ReturnType<typeof spawnPlane>[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairtrial-process-'))
  file = join(directory, 'home-row.json')
  await writeFile(file, JSON.stringify(definition))
})
afterEach(async () => {
  for (const plane of spawned.splice(0)) await plane.end('SIGKILL')
  await rm(directory, { recursive: true })
})

function start(...args: readonly string[]) {
  const plane = spawnPlane(['--definition', file, '--data', join(directory, 'data'), '--port', '0', ...args])
  spawned.push(plane)
  return plane
}

const post = (address: string, body: string, headers = { 'content-type': 'application/json' }) =>
  fetch(address, { method: 'POST', headers, body })

const patient = { timeout: 20_000 }

const view = async (url: string): Promise<RolloutView> =>
  (await fetch(`${url}/v1/experiments/home-row`)).json() as Promise<RolloutView>

describe('the process', () => {
  it('killed, it takes state and log up where they were, and counts nothing twice', async () => {
    const first = start('--tick-ms', '50')
    const url = await first.url()
    const body = batch(eventsOf(['viewer-1', 'viewer-2', 'viewer-3']))
    await post(`${url}/v1/events`, body, NDJSON)
    await fetch(`${url}/v1/state`, { headers: { 'fairtrial-instance': 'a' } })
    await post(`${url}/v1/experiments/home-row/abort`, JSON.stringify({ by: 'ada', reason: 'Complaints.' }))
    await expect.poll(async () => (await view(url)).evaluation?.units, patient).toEqual({ old: 0, new: 3 })
    const before = await view(url)
    expect(before.proof).toMatchObject({ proved: false, instances: { waiting: 1 } })
    await first.end('SIGKILL')

    const again = await start('--tick-ms', '50').url()
    // The service never had its answer, and sends the batch again.
    await post(`${again}/v1/events`, body, NDJSON)
    await expect.poll(async () => (await view(again)).audit?.counts.exposures, patient).toBe(6)
    const after = await view(again)
    expect(after.state).toEqual(before.state)
    expect(after.transitions).toEqual(before.transitions)
    expect(after.evaluation?.units).toEqual({ old: 0, new: 3 })
    // What holds leases is forgotten, so nothing is claimed before all of them must have ended.
    expect(after.proof).toMatchObject({ proved: false, instances: { waiting: 0 } })
    expect(after.proof?.waitingFor.join()).toMatch(/before a restart/)
  })

  it('told to end, answers and stores what is under way, and ends', async () => {
    const plane = start()
    const url = new URL(await plane.url())
    // A connection that is kept, as a client's poll keeps it, does not keep the process.
    await fetch(`${url.origin}/v1/state`)
    const body = batch(eventsOf(['viewer-1']))
    const socket = connect(Number(url.port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write(
      `POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-ndjson\r\n` +
        `content-length: ${body.length}\r\n\r\n${body.slice(0, 100)}`,
    )
    await sleep(200)
    plane.child.kill('SIGTERM')
    await sleep(200)
    socket.write(body.slice(100))
    let answer = ''
    for await (const chunk of socket) answer += String(chunk)
    expect(answer).toMatch(/^HTTP\/1.1 200 /)
    expect(answer).toContain('"accepted":2')
    expect((await plane.ended).code).toBe(0)
    expect((await readSegments(join(directory, 'data', 'log'))).events).toHaveLength(2)
  })

  it('goes on where nobody reads what it says: an abort is taken', async () => {
    const plane = start()
    const url = await plane.url()
    plane.child.stderr.destroy()
    for (const by of ['ada', 'grace']) {
      const order = { method: 'POST', headers: { 'content-type': 'application/json' } }
      const body = JSON.stringify({ by, reason: 'Complaints.' })
      const answer = await fetch(`${url}/v1/experiments/home-row/abort`, { ...order, body })
      expect(answer.status).toBe(by === 'ada' ? 200 : 409)
      await sleep(100)
    }
    expect((await plane.end('SIGTERM')).code).toBe(0)
  })

  it('reads a list of definitions from stdin, goes on while that is open, and ends with it', async () => {
    const plane = spawnPlane(['--definition', '-', '--data', join(directory, 'data'), '--port', '0'])
    spawned.push(plane)
    plane.child.stdin.write(`${JSON.stringify([definition])}\n`)
    expect((await fetch(`${await plane.url()}/v1/experiments/home-row`)).status).toBe(200)
    const second = spawnPlane(['--definition', '-', '--data', join(directory, 'data'), '--port', '0'])
    spawned.push(second)
    second.child.stdin.write(`${JSON.stringify(definition)}\n`)
    // An stdin that is still open keeps no process that was refused.
    expect(await second.ended).toMatchObject({ code: 2, stderr: expect.stringContaining('is in use by') })
    plane.child.stdin.end()
    expect((await plane.ended).code).toBe(0)
    const third = spawnPlane(['--definition', '-', '--data', join(directory, 'data')])
    spawned.push(third)
    third.child.stdin.end()
    expect(await third.ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('What stands on stdin is not JSON'),
    })
  })

  it('refuses to start on a definition that was changed, and says what changed', async () => {
    const first = start()
    await first.url()
    await first.end('SIGTERM')
    await writeFile(file, JSON.stringify({ ...definition, analysis: { method: 'asymptotic-cs', tuneAt: 7 } }))
    const { code, stdout, stderr } = await start().ended
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('analysis.tuneAt: Was 1000, is 7')
  })

  it('FEATURES A11: with --require-readiness takes up no plan that asks for no report', async () => {
    const { code, stdout, stderr } = await start('--require-readiness').ended
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('home-row: the plan asks for no readiness report')
    const ramp = { ...definition.ramp, start: { readiness: true } }
    await writeFile(file, JSON.stringify({ ...definition, ramp }))
    const url = await start('--require-readiness').url()
    expect((await view(url)).state).toMatchObject({ awaitsStart: true, trafficPercent: 0 })
  })

  it('FAULTS 62: refuses to listen to the network without tokens, in one line', async () => {
    const { code, stdout, stderr } = await start('--host', '0.0.0.0').ended
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^control plane: --host is "0\.0\.0\.0".*--tokens.*\n$/)
  })

  it('refuses a port that is taken, and ends', async () => {
    const url = new URL(await start().url())
    const second = start('--data', join(directory, 'other'), '--port', url.port)
    const { code, stderr } = await second.ended
    expect(code).toBe(1)
    expect(stderr).toContain('Choose another --port')
  })
})
