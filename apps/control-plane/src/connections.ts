import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Who is connected. */
export interface Connections {
  readonly all: ReadonlySet<Socket>
  /** Has shown a token that is in force, and keeps its place. */
  know(socket: Socket): void
}

/**
 * Where every place is taken, the stranger who has had one longest makes room for who comes: strangers that sit on all of
 * them keep no order out. Where none of them is a stranger, whoever comes is turned away.
 */
export function limitConnections(server: Server, maximum: number): Connections {
  const all = new Set<Socket>()
  const strangers = new Set<Socket>()
  function forget(socket: Socket): void {
    all.delete(socket)
    strangers.delete(socket)
  }
  server.on('connection', (socket) => {
    all.add(socket)
    strangers.add(socket)
    socket.once('close', () => forget(socket))
    if (all.size <= maximum) return
    const [longest = socket] = strangers
    forget(longest)
    longest.destroy()
  })
  return { all, know: (socket) => void strangers.delete(socket) }
}
