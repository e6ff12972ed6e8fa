import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { ExperimentError } from '@fairtrial/protocol'
import { admit, identify, isAdmitted } from './access/admit.ts'
import type { Caller } from './access/caller.ts'
import type { Tokens } from './access/tokens.ts'
import { limitConnections } from './connections.ts'
import { sendJson } from './http.ts'
import { matchRoute } from './match-route.ts'
import { type Refusal, refusalOf } from './refusal.ts'
import { Refused } from './refused.ts'
import type { Route } from './route.ts'

/** What is still under way so long after the order to end is cut off. */
const GRACE_MS = 4_000

export interface ServerOptions {
  readonly routes: readonly Route[]
  /** Null: this machine may do everything, and nobody else anything. */
  readonly tokens: Tokens | null
  readonly log: (line: string) => void
  /** Told of each answer. */
  readonly onAnswer?: (answer: Answered) => void
  /** Milliseconds for the headers of a request, and for all of it. Default 10,000 and 30,000. */
  readonly headersTimeoutMs?: number
  readonly requestTimeoutMs?: number
  /** Milliseconds for whoever asked to read an answer that is whole. Default 60,000. */
  readonly answerTimeoutMs?: number
  /** Default 5,000. Beyond it, the stranger who has been there longest is cut off. */
  readonly maximumConnections?: number
}

/** How a request went. */
export interface Answered {
  /** Null where no route was found. */
  readonly route: Route | null
  readonly key: string | null
  /** Null where nobody who is known has asked. */
  readonly caller: Caller | null
  /** Null where it was answered by its route. */
  readonly refusal: Refusal | null
  readonly status: number
}

/** The control plane's HTTP face. */
export interface ControlServer {
  /** Resolves to its address. Port 0 takes any that is free; the host is 127.0.0.1 unless there are tokens. */
  listen(port: number, host?: string): Promise<string>
  /** Answers what is under way, and takes nothing more. */
  close(): Promise<void>
}

export function createControlServer(options: ServerOptions): ControlServer {
  const { routes, tokens, log, onAnswer } = options
  const { headersTimeoutMs = 10_000, requestTimeoutMs = 30_000, answerTimeoutMs = 60_000 } = options
  const underWay = new Set<ServerResponse>()
  const ending = new AbortController()
  const server: Server = createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // How late the two above may be noticed.
      connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs),
      keepAliveTimeout: 30_000,
      maxHeaderSize: 16_384,
    },
    (request, response) => {
      underWay.add(response)
      response.once('close', () => underWay.delete(response))
      endUnread(response, answerTimeoutMs)
      void answer(request, response)
    },
  )
  const connections = limitConnections(server, options.maximumConnections ?? 5_000)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const told: { route: Route | null; key: string | null; caller: Caller | null } = {
      route: null,
      key: null,
      caller: null,
    }
    let refusal: Refusal | null = null
    try {
      const { pathname, searchParams } = addressOf(request)
      const { route, key } = matchRoute(routes, request.method ?? '', pathname)
      Object.assign(told, { route, key })
      told.caller = identify(request, tokens)
      // Without tokens whoever asks has no name, and nobody is known.
      if ((told.caller?.name ?? null) !== null) connections.know(request.socket)
      const caller = admit(told.caller, route.role)
      const signal = AbortSignal.any([ending.signal, endOf(response)])
      const mayStill = () => isAdmitted(identify(request, tokens), route.role)
      await route.run({ request, response, key, query: searchParams, caller, mayStill, signal })
    } catch (error) {
      // Whoever asked has hung up: there is nobody to answer, and nothing wrong here.
      if (request.socket.destroyed) return
      refusal = refusalOf(error)
      if (refusal.status >= 500) log(`${refusal.body.code}: ${storyOf(error)}`)
      refuse(request, response, refusal)
    }
    onAnswer?.({ ...told, refusal, status: response.statusCode })
  }

  return {
    listen: (port, host = '127.0.0.1') =>
      new Promise((resolve, reject) => {
        server.once('error', (cause) => reject(cannotListen(port, host, cause)))
        server.listen(port, host, () => {
          const address = server.address()
          const taken = typeof address === 'object' && address ? address.port : port
          resolve(`http://${host.includes(':') ? `[${host}]` : host}:${taken}`)
        })
      }),
    close: () =>
      new Promise((resolve) => {
        ending.abort()
        // A connection that is kept would keep the process too.
        for (const response of underWay) response.shouldKeepAlive = false
        // One that was opened ahead of need, and has never asked for anything, is not idle to Node.
        for (const socket of connections.all) if (socket.bytesRead === 0) socket.destroy()
        const deadline = setTimeout(() => server.closeAllConnections(), GRACE_MS)
        server.close(() => {
          clearTimeout(deadline)
          resolve()
        })
      }),
  }
}

/** What is not read stays in memory. A stream is not whole before its end, and has limits of its own until then. */
function endUnread(response: ServerResponse, answerTimeoutMs: number): void {
  response.once('prefinish', () => {
    const deadline = setTimeout(() => response.destroy(), answerTimeoutMs)
    response.once('close', () => clearTimeout(deadline))
  })
}

/** Not resolved against anything: a path that is no path is not found, and `..` stays what it is. */
function addressOf({ url = '/' }: IncomingMessage): { pathname: string; searchParams: URLSearchParams } {
  const [pathname = '/', query = ''] = url.split('?', 2)
  return { pathname, searchParams: new URLSearchParams(query) }
}

function endOf(response: ServerResponse): AbortSignal {
  const end = new AbortController()
  response.once('close', () => end.abort())
  return end.signal
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Refusal,
): void {
  if (response.headersSent) return void response.destroy()
  // The rest of a refused body is read and thrown away: a connection that is cut would take the answer with it.
  request.resume()
  sendJson(response, status, body, headers)
}

function storyOf(error: unknown): string {
  if (error instanceof ExperimentError || error instanceof Refused) return error.message
  return (error instanceof Error ? error.stack : undefined) ?? String(error)
}

function cannotListen(port: number, host: string, cause: Error): ExperimentError {
  return new ExperimentError(
    'io',
    `The control plane cannot listen on ${host}, port ${port}: ${cause.message}.`,
    'Choose another --port; 0 takes any that is free.',
    { cause },
  )
}
