import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

// Below the range from which systems draw the ports of outgoing connections, so that none of those sits on the port of
// a broker that was killed and will come back.
const [LOWEST, HIGHEST] = [20_000, 32_000]

/** Ports of the loopback interface on which nobody listens now, all different. */
export async function findFreePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = randomInt(LOWEST, HIGHEST)
    if (!ports.has(port) && (await isFree(port))) ports.add(port)
  }
  return [...ports]
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
