// The least that the control plane's jobs can cost: POST /lines reads lines of JSON and drops them, GET /stream keeps a
// connection open, POST /tell writes its body to each of them.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

const streams = new Set<ServerResponse>()
const server = createServer((request, response) => void answer(request, response))

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/stream') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n')
    streams.add(response)
    return
  }
  const body = await buffer(request)
  if (request.url === '/tell') for (const stream of streams) stream.write(body)
  else for (const line of body.toString().split('\n')) if (line !== '') JSON.parse(line)
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"accepted":true}')
}

server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ listening: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
})
process.once('SIGTERM', () => process.exit(0))
