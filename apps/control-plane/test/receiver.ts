import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What reached a receiver. */
interface Received {
  readonly body: string
  readonly headers: { readonly [name: string]: string | string[] | undefined }
}

/** A receiver of webhooks, a real server on loopback: it notes what it is sent, and answers as told. */
export async function startReceiver(answer: (nth: number) => number = () => 200) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      received.push({ body, headers: request.headers })
      response.writeHead(answer(received.length)).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    /** Of JSON bodies. */
    bodies: () => received.map(({ body }) => JSON.parse(body) as Record<string, unknown>),
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** Lets a plane post to receivers of this machine. */
export const localHosts = { allowed: null, private: ['127.0.0.1'] }
