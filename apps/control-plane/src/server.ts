import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { ExperimentError } from '@fairtrial/protocol'
import { type Refusal, Refused, sendJson } from './http.ts'
import type { Plane } from './plane.ts'
import { createRoutes } from './routes.ts'

/** Names by which a loopback server may be asked; any other is a page in a browser that tries its luck. */
const LOCAL_HOSTS = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

/** The control plane's HTTP face. It never answers anyone but this machine. */
export function createControlServer(plane: Plane, log: (line: string) => void): Server {
  const routes = createRoutes(plane)
  const server = createServer(
    { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 30_000, maxHeaderSize: 16_384 },
    (request, response) => {
      void answer(request, response).catch((error: unknown) => refuse(response, error, log))
    },
  )
  server.maxConnections = 1000

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!LOCAL_HOSTS.test(request.headers.host ?? '')) {
      throw new Refused(403, 'foreign-host', 'The Host header is not this machine.', 'Ask by 127.0.0.1.')
    }
    const path = (request.url ?? '/').split('?')[0]!
    const allowed: string[] = []
    for (const [method, pattern, route] of routes) {
      const key = matchPath(pattern, path)
      if (key === null) continue
      if (method === request.method) return route(request, response, key)
      allowed.push(method)
    }
    if (allowed.length > 0) {
      throw new Refused(
        405,
        'method-not-allowed',
        `${path} does not take ${request.method}.`,
        `Use ${allowed.join(', ')}.`,
      )
    }
    throw new Refused(404, 'not-found', 'There is nothing at this path.', 'See the README for the routes.')
  }
  return server
}

/** The experiment's key where the path has one, `''` where it has none, null where it is another path. */
function matchPath(pattern: string, path: string): string | null {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return null
  let key = ''
  for (const [index, part] of wanted.entries()) {
    if (part === ':key') key = given[index]!
    else if (part !== given[index]) return null
  }
  return key
}

function refuse(response: ServerResponse, error: unknown, log: (line: string) => void): void {
  const refusal = refusalOf(error)
  if (refusal.status >= 500) log(`${refusal.code}: ${(error as Error)?.stack ?? String(error)}`)
  if (response.headersSent) return void response.destroy()
  const { status, ...body } = refusal
  // What was not read of a refused body must not be taken for the next request.
  sendJson(response, status, body, { connection: 'close' })
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refused) return error.refusal
  if (error instanceof ExperimentError) {
    const status = error.code === 'revision-conflict' || error.code === 'refused' ? 409 : 503
    return { status, code: error.code, detail: error.message, remedy: error.remedy }
  }
  return { status: 500, code: 'internal', detail: 'Something failed here.', remedy: 'See the log.' }
}
