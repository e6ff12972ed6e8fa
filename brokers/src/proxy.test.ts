import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Proxy, ProxyMode } from './proxy.ts'
import { startProxy } from './proxy.ts'

let echo: Server
/** What reached the target, over all connections. */
let arrived = ''
const proxies: Proxy[] = []
const clients: Socket[] = []

beforeAll(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('data', (bytes) => {
      arrived += bytes.toString()
      socket.write(`<${bytes.toString()}>`)
    })
    socket.on('end', () => socket.end('bye'))
    socket.on('error', () => {})
  })
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  for (const proxy of proxies.splice(0)) await proxy.stop()
  arrived = ''
})

afterAll(() => {
  echo.close()
})

async function open(mode: ProxyMode): Promise<{ proxy: Proxy; client: Socket }> {
  const proxy = await startProxy(`127.0.0.1:${(echo.address() as AddressInfo).port}`, mode)
  proxies.push(proxy)
  return { proxy, client: await connectTo(proxy) }
}

async function connectTo({ address }: Proxy): Promise<Socket> {
  const [host, port] = address.split(':')
  const client = connect({ host: host!, port: Number(port), allowHalfOpen: true })
  client.on('error', () => {})
  clients.push(client)
  // A reset can come with the connection.
  await new Promise<void>((resolve) => client.once('connect', () => resolve()).once('close', () => resolve()))
  return client
}

async function ask(client: Socket, text: string): Promise<string> {
  client.write(text)
  const [bytes] = (await once(client, 'data')) as [Buffer]
  return bytes.toString()
}

/** The code of the error with which a connection ends. */
async function endOf(client: Socket): Promise<string | undefined> {
  await expect.poll(() => client.closed).toBe(true)
  return (client.errored as NodeJS.ErrnoException | null)?.code
}

describe('the proxy', () => {
  it('passes what is asked and answered, and the end of each side', async () => {
    const { client } = await open('pass')
    expect(await ask(client, 'one')).toBe('<one>')
    client.end()
    expect(`${(await once(client, 'data'))[0]}`).toBe('bye')
    await once(client, 'end')
  })

  it('takes everything and answers nothing as a black hole, on open connections too', async () => {
    const { proxy, client } = await open('pass')
    expect(await ask(client, 'one')).toBe('<one>')
    proxy.setMode('black-hole')
    const heard: string[] = []
    client.on('data', (bytes) => heard.push(bytes.toString()))
    client.write('two')
    const late = await connectTo(proxy)
    late.on('data', (bytes) => heard.push(bytes.toString()))
    late.write('three')
    // By the time a connection of its own got its answer, those would have theirs.
    const other = await open('pass')
    expect(await ask(other.client, 'four')).toBe('<four>')
    expect([heard, arrived]).toEqual([[], 'onefour'])
    expect([client.destroyed, late.destroyed]).toEqual([false, false])
  })

  it('resets connections, open ones and new ones, and passes again', async () => {
    const { proxy, client } = await open('pass')
    expect(await ask(client, 'one')).toBe('<one>')
    proxy.setMode('reset')
    expect(await endOf(client)).toBe('ECONNRESET')
    expect(await endOf(await connectTo(proxy))).toBe('ECONNRESET')

    proxy.setMode('pass')
    expect(await ask(await connectTo(proxy), 'two')).toBe('<two>')
    expect(proxy.accepted).toBe(3)
  })

  it('is done talking and goes on listening when half closed', async () => {
    const { proxy, client } = await open('pass')
    expect(await ask(client, 'one')).toBe('<one>')
    const ended = once(client, 'end')
    proxy.setMode('half-close')
    client.resume()
    await ended
    await new Promise<void>((resolve, reject) => {
      client.write('two', (error) => (error ? reject(error) : resolve()))
    })
    expect([client.writable, arrived]).toEqual([true, 'one'])
  })

  it('answers later with latency, and in order when it is taken away', async () => {
    const { proxy, client } = await open({ latencyMs: 300 })
    let heard = ''
    client.on('data', (bytes) => (heard += bytes.toString()))
    client.write('slow')
    await expect.poll(() => arrived).toBe('slow')
    // The target has it, and answered at once; through a door without latency the answer would be here.
    const other = await open('pass')
    expect(await ask(other.client, 'quick')).toBe('<quick>')
    expect(heard).toBe('')
    proxy.setMode('pass')
    client.write('fast')
    await expect.poll(() => heard).toBe('<slow><fast>')
  })

  it('cuts the connection where nobody listens behind it', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as AddressInfo
    closed.close()
    await once(closed, 'close')
    const proxy = await startProxy(`127.0.0.1:${port}`)
    proxies.push(proxy)
    expect(await endOf(await connectTo(proxy))).toBe('ECONNRESET')
  })
})
