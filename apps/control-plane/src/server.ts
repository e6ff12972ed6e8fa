import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { ExperimentError } from '@fairtrial/protocol'
import { sendJson } from './http.ts'
import type { Plane } from './plane.ts'
import { Refused } from './refused.ts'
import { createRoutes } from './routes.ts'

/** Names by which a loopback server may be asked; any other is a page in a browser that tries its luck. */
const LOCAL_HOSTS = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i

/** What is still under way so long after the order to end is cut off. */
const GRACE_MS = 5_000

/** The control plane's HTTP face. It never answers anyone but this machine. */
export interface ControlServer {
  /** Resolves to its address, on 127.0.0.1. Port 0 takes any that is free. */
  listen(port: number): Promise<string>
  /** Answers what is under way, and takes nothing more. */
  close(): Promise<void>
}

export function createControlServer(plane: Plane, log: (line: string) => void): ControlServer {
  const routes = createRoutes(plane)
  const underWay = new Set<ServerResponse>()
  const server: Server = createServer(
    { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 30_000, maxHeaderSize: 16_384 },
    (request, response) => {
      underWay.add(response)
      response.once('close', () => underWay.delete(response))
      void answer(request, response).catch((error: unknown) => refuse(request, response, error, log))
    },
  )
  server.maxConnections = 1000

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!LOCAL_HOSTS.test(request.headers.host ?? '')) {
      throw new Refused(403, 'foreign-host', 'The Host header is not this machine.', {
        remedy: 'Ask by 127.0.0.1.',
      })
    }
    const [path = '/'] = (request.url ?? '/').split('?')
    const allowed: string[] = []
    for (const [method, pattern, route] of routes) {
      const key = matchPath(pattern, path)
      if (key === null) continue
      if (method === request.method) return route(request, response, key)
      allowed.push(method)
    }
    if (allowed.length === 0) {
      throw new Refused(404, 'not-found', 'There is nothing at this path.', {
        remedy: 'See the README for the routes.',
      })
    }
    response.setHeader('allow', allowed.join(', '))
    throw new Refused(405, 'method-not-allowed', `${path} does not take ${request.method}.`, {
      remedy: `Use ${allowed.join(' or ')}.`,
    })
  }

  return {
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once('error', (cause) => reject(cannotListen(port, cause)))
        server.listen(port, '127.0.0.1', () => {
          const address = server.address()
          resolve(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : port}`)
        })
      }),
    close: () =>
      new Promise((resolve) => {
        // A connection that is kept would keep the process too.
        for (const response of underWay) response.shouldKeepAlive = false
        const deadline = setTimeout(() => server.closeAllConnections(), GRACE_MS)
        server.close(() => {
          clearTimeout(deadline)
          resolve()
        })
      }),
  }
}

/** The experiment's key where the path has one, `''` where it has none, null where it is another path. */
function matchPath(pattern: string, path: string): string | null {
  const given = path.split('/')
  const wanted = pattern.split('/')
  const fits =
    wanted.length === given.length && wanted.every((part, i) => part === ':key' || part === given[i])
  return fits ? (given[wanted.indexOf(':key')] ?? '') : null
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  log: (line: string) => void,
): void {
  // Whoever asked has hung up: there is nobody to answer, and nothing wrong here.
  if (request.socket.destroyed) return
  const { status, code, detail, ...advice } = refusalOf(error)
  if (status >= 500) log(`${code}: ${error instanceof ExperimentError ? error.message : stackOf(error)}`)
  if (response.headersSent) return void response.destroy()
  // The rest of a refused body is read and thrown away: a connection that is cut would take the answer with it.
  request.resume()
  sendJson(response, status, { code, detail, ...advice })
}

function refusalOf(error: unknown) {
  if (error instanceof Refused) {
    return { status: error.status, code: error.code, detail: error.message, ...error.advice }
  }
  if (error instanceof ExperimentError) {
    const status = error.code === 'revision-conflict' || error.code === 'refused' ? 409 : 503
    return { status, code: error.code, detail: error.message, remedy: error.remedy }
  }
  return { status: 500, code: 'internal', detail: 'Something failed here.', remedy: 'See the log.' }
}

function stackOf(error: unknown): string {
  return (error instanceof Error ? error.stack : undefined) ?? String(error)
}

function cannotListen(port: number, cause: Error): ExperimentError {
  return new ExperimentError(
    'io',
    `The control plane cannot listen on port ${port}: ${cause.message}.`,
    'Choose another --port; 0 takes any that is free.',
    { cause },
  )
}
