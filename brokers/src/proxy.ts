import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** What stands between a client and its broker. */
export type ProxyMode =
  /** Bytes pass as they come. */
  | 'pass'
  /** Connections are accepted, what is sent is taken, nothing is answered. */
  | 'black-hole'
  /** Connections are accepted and reset. */
  | 'reset'
  /** The broker's side says that it is done and sends no more; what is sent is still taken. */
  | 'half-close'
  /** Answers come this much later, milliseconds. */
  | { readonly latencyMs: number }

/** A door to a broker that can be made to fail. */
export interface Proxy {
  /** Where it listens: `127.0.0.1:40121`. */
  readonly address: string
  /** How many connections it has taken. */
  readonly accepted: number
  /** From now on, for connections that are open too. What was swallowed or closed stays so. */
  setMode(mode: ProxyMode): void
  /** Resets every connection and listens no more. */
  stop(): Promise<void>
}

/** Listens on a free port of the loopback interface on behalf of `target` (`host:port`). */
export async function startProxy(target: string, mode: ProxyMode = 'pass'): Promise<Proxy> {
  const [host, port] = target.split(/:(?=\d+$)/)
  const open = new Set<Connection>()
  let accepted = 0
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    accepted += 1
    const connection = join(client, connect({ host: host!, port: Number(port), noDelay: true }), () => mode)
    open.add(connection)
    client.on('close', () => open.delete(connection))
    connection.enter()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get accepted() {
      return accepted
    },
    setMode(next) {
      mode = next
      for (const connection of open) connection.enter()
    },
    async stop() {
      for (const { reset } of open) reset()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

interface Connection {
  /** Does what a mode does when it begins. */
  enter(): void
  reset(): void
}

function join(client: Socket, broker: Socket, mode: () => ProxyMode): Connection {
  // Answers keep their order when the latency changes on the way.
  let answered = Promise.resolve()
  const answer = (send: () => void): void => {
    const current = mode()
    const latencyMs = typeof current === 'object' ? current.latencyMs : 0
    const due = new Promise<void>((resolve) => {
      if (latencyMs === 0) resolve()
      else setTimeout(resolve, latencyMs)
    })
    answered = answered.then(() => due).then(send)
  }
  const isOpen = (): boolean => mode() === 'pass' || typeof mode() === 'object'

  client.on('data', (bytes) => {
    if (isOpen()) broker.write(bytes)
  })
  broker.on('data', (bytes) => {
    if (isOpen()) answer(() => isOpen() && client.writable && client.write(bytes))
  })
  client.on('end', () => (isOpen() ? broker.end() : client.end()))
  broker.on('end', () => isOpen() && answer(() => client.end()))
  client.on('close', () => broker.destroy())
  // A broker that is not there looks to the client as it does without the proxy: the connection is cut.
  broker.on('error', () => isOpen() && client.resetAndDestroy())
  client.on('error', () => {})

  return {
    enter() {
      if (mode() === 'reset') client.resetAndDestroy()
      if (mode() === 'half-close') client.end()
    },
    reset() {
      client.resetAndDestroy()
    },
  }
}
