import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { batch, eventsOf, localPlane, NDJSON } from '../test/local-plane.ts'
import { bearer, TOKENS, writeTokens } from '../test/tokens-file.ts'
import { tokensOf } from './access/tokens.ts'
import type { Route } from './route.ts'
import { createControlServer } from './server.ts'

let plane: Awaited<ReturnType<typeof localPlane>>
beforeAll(async () => {
  plane = await localPlane()
})
afterAll(async () => {
  await plane.close()
  await plane.remove()
})

/** Opens a connection, sends what `send` sends, and resolves with all that was answered when it is over. */
async function conversation(url: string, send: (socket: Socket) => void): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  send(socket)
  let answer = ''
  socket.on('data', (chunk) => (answer += String(chunk)))
  await new Promise((resolve) => void socket.once('close', resolve))
  return answer
}

describe('who is slow', () => {
  it.each([
    ['in the headers', 'POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\n', 'x'],
    [
      'in the body',
      'POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-ndjson\r\ncontent-length: 100000\r\n\r\n',
      '{',
    ],
  ])('FAULTS 64: is cut off %s, while others are answered', async (_, beginning, drop) => {
    const server = createControlServer({
      routes: plane.routes,
      tokens: null,
      log: () => undefined,
      headersTimeoutMs: 200,
      requestTimeoutMs: 300,
    })
    const url = await server.listen(0)
    try {
      const slow = conversation(url, (socket) => {
        socket.write(beginning)
        const drip = setInterval(() => socket.write(drop), 20)
        socket.once('close', () => clearInterval(drip))
      })
      expect((await fetch(`${url}/healthz`)).status).toBe(200)
      expect(await slow).toMatch(/^HTTP\/1\.1 408 |^$/)
    } finally {
      await server.close()
    }
  })
})

describe('who does not read', () => {
  const answer = Buffer.alloc(8_000_000, 'x')
  const large: Route = {
    method: 'GET',
    path: '/assets/:key',
    role: null,
    summary: '',
    answer: null,
    run: ({ response }) => void response.writeHead(200, { 'content-length': answer.length }).end(answer),
  }

  it('FAULTS 64: is cut off, and what was meant for it with it', async () => {
    const server = createControlServer({
      routes: [large],
      tokens: null,
      log: () => undefined,
      answerTimeoutMs: 200,
    })
    const url = await server.listen(0)
    try {
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write('GET /assets/a.js HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
      await once(socket, 'readable')
      // Reads nothing for ten times as long as it may take, and then what is left in the sockets.
      await new Promise((resolve) => void setTimeout(resolve, 2_000))
      let bytes = 0
      socket.on('data', (chunk) => (bytes += chunk.length))
      await once(socket, 'close')
      expect(bytes).toBeLessThan(answer.length)
      expect((await (await fetch(`${url}/assets/a.js`)).arrayBuffer()).byteLength).toBe(answer.length)
    } finally {
      await server.close()
    }
  })

  it('FAULTS 64: keeps nobody out who bears a token, however many they are', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fairtrial-places-'))
    const file = join(directory, 'tokens.json')
    await writeTokens(file)
    const tokens = await tokensOf(file, { now: Date.now, log: () => undefined })
    const server = createControlServer({
      routes: [...plane.routes, large],
      tokens,
      log: () => undefined,
      maximumConnections: 10,
    })
    const url = await server.listen(0)
    const strangers: Socket[] = []
    const beset = async () => {
      for (let i = 0; i < 10; i++) {
        const socket = connect(Number(new URL(url).port), '127.0.0.1')
        socket.on('error', () => undefined)
        socket.write('GET /assets/a.js HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
        await once(socket, 'readable')
        strangers.push(socket)
      }
    }
    try {
      const asked = { headers: bearer(TOKENS.operator) }
      const stream = await fetch(`${url}/v1/stream`, asked)
      const reader = stream.body!.getReader()
      await reader.read()
      let isCut = false
      const reading = (async () => {
        for (let isOver = false; !isOver; ) isOver = (await reader.read()).done
      })()
      const told = reading.catch(() => undefined).then(() => (isCut = true))
      await beset()
      await beset()
      const asks = { ...asked, signal: AbortSignal.timeout(10_000) }
      expect((await fetch(`${url}/v1/me`, asks)).status).toBe(200)
      // Who was there before them with a token is there still.
      expect(isCut).toBe(false)
      await reader.cancel()
      await told
    } finally {
      for (const socket of strangers) socket.destroy()
      await server.close()
      tokens.close()
      await rm(directory, { recursive: true })
    }
  })
})

describe('who says nothing', () => {
  it('does not hold the end of the process up', async () => {
    const server = createControlServer({ routes: plane.routes, tokens: null, log: () => undefined })
    const url = await server.listen(0)
    const silent = connect(Number(new URL(url).port), '127.0.0.1')
    await once(silent, 'connect')
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const order: string[] = []
    // Cut off at once, not when the time is over that others are given.
    const cut = once(silent, 'close').then(() => order.push('cut'))
    const late = new Promise((resolve) => void setTimeout(resolve, 4_000).unref()).then(() =>
      order.push('late'),
    )
    await server.close()
    await Promise.race([cut, late])
    expect(order).toEqual(['cut'])
  })
})

describe('what is too much', () => {
  it('FAULTS 64: a gzip bomb is not unpacked, whatever it calls itself', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    for (const encoding of ['gzip', 'br', 'deflate', 'zstd', 'x-gzip', 'identity, gzip', 'GZIP']) {
      const answer = await plane.post('/v1/events', bomb, { ...NDJSON, 'content-encoding': encoding })
      expect([answer.status, await answer.json()]).toMatchObject([
        415,
        { code: 'unsupported-content-encoding' },
      ])
    }
    // Without a name it is lines that are no JSON.
    const plain = await plane.post('/v1/events', bomb, NDJSON)
    expect(await plain.json()).toMatchObject({ accepted: 0 })
  })

  it('FAULTS 64: a line that is nested too deeply costs itself alone', async () => {
    const [good] = eventsOf(['viewer-deep'])
    const deep = `{"properties":${'['.repeat(1_000)}${']'.repeat(1_000)}}`
    const answer = await plane.post('/v1/events', `${deep}\n${batch([good!])}`, NDJSON)
    expect(await answer.json()).toMatchObject({
      accepted: 1,
      rejected: [{ line: 1, detail: 'nested too deeply' }],
    })
  })

  it.each([
    [
      'headers',
      `GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 /,
    ],
    ['a target', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`, /^HTTP\/1\.1 431 /],
    [
      'two lengths',
      'POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400 /,
    ],
    ['no HTTP', '\u0016\u0003\u0001\u0002\u0000', /^HTTP\/1\.1 400 /],
    [
      'a header that breaks off',
      'GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nfairtrial-instance: a\rb\r\n\r\n',
      /^HTTP\/1\.1 400 /,
    ],
    [
      'another method',
      'DELETE /v1/state HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n',
      /^HTTP\/1\.1 405 /,
    ],
    ['a way through', 'CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example\r\n\r\n', /^$|^HTTP\/1\.1 4/],
  ])('FAULTS 64: %s is refused, and the connection ends', async (_, request, status) => {
    expect(await conversation(plane.url, (socket) => void socket.write(request))).toMatch(status)
    expect((await plane.get('/healthz')).status).toBe(200)
  })
})
