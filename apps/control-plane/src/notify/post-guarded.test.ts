import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { ForbiddenAddress, postGuarded, type Resolve } from './post-guarded.ts'
import { webhookUrl } from './webhook-url.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
})

/** A real server on loopback that notes what reaches it. */
async function receiver(answer: (request: IncomingMessage) => [number, Record<string, string>?]) {
  const seen: { url: string; body: string; headers: IncomingMessage['headers'] }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      seen.push({ url: String(request.url), body, headers: request.headers })
      const [status, headers = {}] = answer(request)
      response.writeHead(status, headers).end('x'.repeat(100))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  servers.push(server)
  return { seen, port: (server.address() as AddressInfo).port }
}

const timeoutMs = 5_000
const to =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
const anyPublic = { allowed: null, private: [] }

describe('postGuarded', () => {
  it('posts to a private host that was named, and tells the answer', async () => {
    const { seen, port } = await receiver(() => [202])
    const url = webhookUrl(`http://hooks.internal:${port}/a?b=c`, {
      allowed: [],
      private: ['hooks.internal'],
    })
    const posted = await postGuarded(url, 'grüße', { 'x-a': 'b' }, { timeoutMs, resolve: to('127.0.0.1') })
    expect(posted).toEqual({ status: 202, retryAfterMs: null })
    expect(seen).toMatchObject([
      { url: '/a?b=c', body: 'grüße', headers: { host: `hooks.internal:${port}`, 'x-a': 'b' } },
    ])
  })

  it.each([
    ['loopback', ['127.0.0.1']],
    ['this machine by IPv6', ['::1']],
    ['a mapped address', ['::ffff:127.0.0.1']],
    ['the own network', ['10.0.0.5']],
    ['metadata', ['169.254.169.254']],
    ['a public and a private address', ['93.184.216.34', '127.0.0.1']],
    ['nothing', []],
  ])('FAULTS 67: sends nothing to a public name that resolves to %s', async (_, addresses) => {
    const { seen, port } = await receiver(() => [200])
    const url = webhookUrl(`https://rebound.example:${port}/`, anyPublic)
    const sent = postGuarded(url, '{}', {}, { timeoutMs, resolve: to(...addresses) })
    await expect(sent).rejects.toBeInstanceOf(ForbiddenAddress)
    expect(seen).toEqual([])
  })

  it('FAULTS 67: sends nothing to a named private host that resolves to metadata', async () => {
    const url = webhookUrl('http://hooks.internal/', { allowed: null, private: ['hooks.internal'] })
    await expect(
      postGuarded(url, '{}', {}, { timeoutMs, resolve: to('169.254.169.254') }),
    ).rejects.toBeInstanceOf(ForbiddenAddress)
  })

  it('FAULTS 67: connects to the address that was checked, whatever the name says the second time', async () => {
    const { seen, port } = await receiver(() => [200])
    const answers = [['127.0.0.1'], ['169.254.169.254']]
    let asked = 0
    const resolve: Resolve = (host) => to(...(answers[asked++] ?? []))(host)
    const url = webhookUrl(`http://hooks.internal:${port}/`, { allowed: null, private: ['hooks.internal'] })
    await postGuarded(url, '{}', {}, { timeoutMs, resolve })
    expect([asked, seen.length]).toEqual([1, 1])
    await expect(postGuarded(url, '{}', {}, { timeoutMs, resolve })).rejects.toBeInstanceOf(ForbiddenAddress)
    expect(seen).toHaveLength(1)
  })

  it.each([301, 302, 303, 307, 308])('FAULTS 67: follows no redirect: %i is an answer', async (status) => {
    const inside = await receiver(() => [200])
    const { port } = await receiver(() => [status, { location: `http://127.0.0.1:${inside.port}/secret` }])
    const url = webhookUrl(`http://127.0.0.1:${port}/`, { allowed: null, private: ['127.0.0.1'] })
    expect((await postGuarded(url, '{}', {}, { timeoutMs })).status).toBe(status)
    expect(inside.seen).toEqual([])
  })

  it('gives up on a receiver that says nothing', async () => {
    const server = createServer(() => undefined)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    servers.push(server)
    const { port } = server.address() as AddressInfo
    const url = webhookUrl(`http://127.0.0.1:${port}/`, { allowed: null, private: ['127.0.0.1'] })
    await expect(postGuarded(url, '{}', {}, { timeoutMs: 50 })).rejects.toThrow()
  })

  it('does not wait for an answer without an end, and hears when to come again', async () => {
    const server = createServer((_, response) => {
      response.writeHead(503, { 'retry-after': '7' })
      response.write('x')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    servers.push(server)
    const { port } = server.address() as AddressInfo
    const url = webhookUrl(`http://127.0.0.1:${port}/`, { allowed: null, private: ['127.0.0.1'] })
    expect(await postGuarded(url, '{}', {}, { timeoutMs })).toEqual({ status: 503, retryAfterMs: 7_000 })
  })
})
