import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kafkaForTests } from '@fairtrial/brokers'
import { findPostgres, startPostgres } from '@fairtrial/databases'
import { afterEach, describe, expect, it } from 'vitest'
import { batch, eventsOf, NDJSON } from './local-plane.ts'
import { spawnPlane } from './spawned-plane.ts'
import { definition } from './trial.ts'

const kafka = await kafkaForTests()
const patient = { timeout: 60_000 }
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** A control plane with all that it can have, every part of it busy. */
async function busyPlane() {
  const directory = await mkdtemp(join(tmpdir(), 'fairtrial-ending-'))
  ends.push(() => rm(directory, { recursive: true }))
  const file = join(directory, 'home-row.json')
  await writeFile(file, JSON.stringify(definition))
  const postgres = await startPostgres()
  ends.push(postgres.stop)

  // Takes notifications, and never answers.
  let told = 0
  const receiver = createServer(() => (told += 1)).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  ends.push(() => (receiver.closeAllConnections(), receiver.close()))
  const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`

  const where = ['--definition', file, '--data', join(directory, 'data'), '--port', '0', '--tick-ms', '20']
  const parts = ['--postgres', await postgres.createDatabase(), '--kafka', kafka.brokers.join(',')]
  const telling = ['--webhook', hook, '--allow-private-host', '127.0.0.1']
  const plane = spawnPlane([...where, ...parts, ...telling])
  ends.push(() => plane.end('SIGKILL'))
  const url = await plane.url()
  // A connection that is kept, readers that read, and readers that do not.
  await (await fetch(`${url}/healthz`)).text()
  const readers = ['/v1/state/stream', '/v1/stream'].flatMap((path) => Array.from({ length: 20 }, () => path))
  const answers = await Promise.all(readers.map((path) => fetch(url + path)))
  expect(answers.map(({ status }) => status)).toEqual(readers.map(() => 200))
  for (const path of readers) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').pause()
    socket.on('error', () => undefined)
    ends.push(() => socket.destroy())
    socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`)
  }
  const body = batch(eventsOf(Array.from({ length: 500 }, (_, i) => `viewer-${i}`)))
  expect((await fetch(`${url}/v1/events`, { method: 'POST', headers: NDJSON, body })).status).toBe(200)
  await expect.poll(() => told, patient).toBe(1)
  return { plane, postgres, url }
}

describe.skipIf(kafka.isMissing || 'missing' in findPostgres())('told to end', () => {
  it('with every part busy, it ends by itself', async () => {
    const { plane } = await busyPlane()
    const { code, stderr } = await plane.end('SIGTERM')
    expect(stderr).not.toContain('cut off')
    expect(code).toBe(0)
  })

  it('while the database hangs, it cuts off what hangs, and says what', async () => {
    const { plane, postgres } = await busyPlane()
    postgres.freeze()
    const { code, stderr } = await plane.end('SIGTERM')
    expect(stderr).toMatch(/has not ended within 8 s, and is cut off/)
    expect(code).toBe(1)
  })
})
