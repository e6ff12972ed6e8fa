import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@fairtrial/client'
import { httpReporter, httpSource, sseSource } from '@fairtrial/client/http'
import { snapshotOf, stateFor } from '@fairtrial/client/testing'
import { memorySink } from '@fairtrial/exposure'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { localPlane } from '../../test/local-plane.ts'
import { experiment } from '../../test/trial.ts'
import type { Plane } from '../plane.ts'
import { stateRoutes } from '../routes/state-routes.ts'
import { createControlServer } from '../server.ts'
import { createStateStream } from './state-stream.ts'

let directory: string
let signingKeyFile: string
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const pinned = String(publicKey.export({ type: 'spki', format: 'pem' }))
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairtrial-signed-'))
  signingKeyFile = join(directory, 'key.pem')
  await writeFile(signingKeyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }))
})
afterAll(() => rm(directory, { recursive: true }))

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function open(options: Parameters<typeof localPlane>[0] = {}) {
  const plane = await localPlane({ signingKeyFile, ...options })
  let isOpen = true
  const close = async () => {
    if (isOpen) await plane.close()
    isOpen = false
  }
  ends.push(plane.remove, close)
  return { ...plane, close }
}

function clientOf(source: ReturnType<typeof httpSource>, url: string, instanceId = 'a') {
  const client = createClient({
    experiments: [experiment],
    source,
    sink: memorySink(),
    instanceId,
    reportServed: httpReporter({ url }),
    reportEveryMs: 20,
  })
  ends.push(() => client.close())
  return client
}

const ABORT = { action: 'abort', by: 'ada', reason: 'Complaints.' } as const
const patient = { timeout: 20_000 }

describe('signed state', () => {
  it.each([
    ['asked for', httpSource],
    ['told', sseSource],
  ] as const)('is believed by a client that has pinned the key, %s; so is its renewal', async (_, source) => {
    const { url, plane } = await open({ leaseMs: 1_500 })
    const client = clientOf(source({ url, publicKey: pinned, pollMs: 50 }), url)
    expect(await client.ready()).toBe(true)
    // Twice as long as a lease lasts.
    await new Promise((resolve) => void setTimeout(resolve, 3_200))
    expect(client.status()).toMatchObject({ revision: 1, isReady: true, source: { failures: 0, lapses: 0 } })
    await plane.order('home-row', ABORT, 'operator')
    await expect.poll(() => client.status().revision, patient).toBe(2)
    await expect.poll(async () => (await plane.view('home-row')).proof?.proved, patient).toBe(true)
  })

  it('is refused by a client that has pinned another key', async () => {
    const { url } = await open()
    const other = String(generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }))
    const client = clientOf(sseSource({ url, publicKey: other }), url)
    expect(await client.ready(300)).toBe(false)
    expect(client.status().source.lastError?.message).toContain('no key that is pinned here')
  })

  it('is not to be had with a key that cannot sign', async () => {
    const wrong = join(directory, 'wrong.pem')
    await writeFile(wrong, pinned)
    await expect(open({ signingKeyFile: wrong })).rejects.toMatchObject({ code: 'misconfigured' })
    await expect(open({ signingKeyFile: join(directory, 'none') })).rejects.toThrow('ENOENT')
  })
})

describe('a stream of states', () => {
  it('tells an abort at once, to whoever listens', async () => {
    const { url, plane } = await open({ tickMs: 3_600_000, leaseMs: 86_400_000 })
    const clients = Array.from({ length: 20 }, (_, i) =>
      clientOf(sseSource({ url, pollMs: 1e9 }), url, `instance-${i}`),
    )
    await Promise.all(clients.map((client) => client.ready()))
    await plane.order('home-row', ABORT, 'operator')
    await expect
      .poll(() => clients.map((client) => client.status().revision), patient)
      .toEqual(clients.map(() => 2))
  })

  it('FAULTS 10: grants nothing while the state cannot be read, so that its leases lapse', async () => {
    const { url, plane, directory: data, lines } = await open({ tickMs: 60_000, leaseMs: 400 })
    const client = clientOf(sseSource({ url, pollMs: 20 }), url)
    await client.ready()
    const folder = join(data, 'state', 'experiment-home-row')
    for (const name of await readdir(folder)) await rm(join(folder, name))
    await expect
      .poll(() => client.assign(experiment, { unitType: 'viewer', unitId: 'a' }).reason, patient)
      .toBe('stale-state')
    // Once for each reason, not at each look.
    const told = lines.filter((line) => line.startsWith('no state can be told'))
    expect(new Set(told).size).toBe(told.length)
    expect(told).not.toEqual([])
    expect(plane.instanceCount()).toBe(1)
  })

  it('ends now and then, so that a reader who stands still is granted no leases for ever', async () => {
    const { url } = await open({ leaseMs: 100 })
    const response = await fetch(`${url}/v1/state/stream`)
    let text = ''
    for await (const chunk of response.body!) text += new TextDecoder().decode(chunk)
    expect(text.match(/event: snapshot/g)).toHaveLength(1)
    expect(text.match(/event: renewal/g)!.length).toBeGreaterThan(5)
  })

  it('ends with the process, which waits for nobody who only listens', async () => {
    const { url, close } = await open()
    const responses = await Promise.all(
      ['/v1/state/stream', '/v1/stream'].map((path) => fetch(`${url}${path}`)),
    )
    const [states, changes] = responses.map((response) => response.text())
    await close()
    expect(await states).toMatch(/^event: snapshot\n/)
    expect(await changes).toMatch(/^event: beat\n/)
  })

  it('cuts off who does not read, and goes on with the others', async () => {
    const { url, publish, stream } = await tellTo(50_000)
    const slow = await listen(url)
    slow.socket.pause()
    const quick = await listen(url)
    for (let revision = 2; stream.counts().readers === 2; revision++) {
      publish(revision)
      await quick.heard(revision)
    }
    expect(stream.counts()).toMatchObject({ readers: 1, cut: 1 })
    publish(1_000_000)
    await quick.heard(1_000_000)
  })

  it('tells a thousand of one change, made once', async () => {
    const { url, publish, stream } = await tellTo(100)
    const readers: Awaited<ReturnType<typeof listen>>[] = []
    for (let i = 0; i < 20; i++) {
      readers.push(...(await Promise.all(Array.from({ length: 50 }, () => listen(url)))))
    }
    const { published } = stream.counts()
    publish(2)
    await Promise.all(readers.map((reader) => reader.heard(2)))
    expect(stream.counts()).toMatchObject({ readers: 1000, cut: 0, published: published + 1 })
  })
})

/** A stream of its own, of a state whose cause has so many characters. */
async function tellTo(length: number) {
  let revision = 1
  const [now, leaseMs] = [0, 3_600_000]
  const lease = async () => {
    const state = { ...stateFor(experiment), revision, cause: 'x'.repeat(length) }
    return { snapshot: snapshotOf([state], { issuedAt: now }), etag: `"${revision}"`, leaseMs }
  }
  const plane = { lease, leaseMs, tickMs: 20, now: () => now } as unknown as Plane
  const stream = createStateStream(plane, null, () => undefined)
  const server = createControlServer({
    routes: stateRoutes(plane, null, stream),
    tokens: null,
    log: () => undefined,
  })
  const url = await server.listen(0)
  ends.push(server.close, async () => stream.close())
  return { url, stream, publish: (next: number) => void (revision = next) }
}

/** A reader over a bare socket, which can stop reading. Resolves when it was told the first state. */
async function listen(url: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  ends.push(async () => void socket.destroy())
  socket.on('error', () => undefined).setEncoding('latin1')
  let newest = 0
  let rest = ''
  socket.on('data', (text: string) => {
    const told = (rest + text).matchAll(/\\"revision\\":(\d+)/g)
    for (const [, revision] of told) newest = Math.max(newest, Number(revision))
    rest = text.slice(-40)
  })
  const heard = (revision: number) => expect.poll(() => newest >= revision, patient).toBe(true)
  socket.write('GET /v1/state/stream HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
  await heard(1)
  return { socket, heard }
}
