import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

/**
 * A server that speaks the protocol of Redis (RESP 2) on loopback, for as long as `use` runs: GET, SET with NX and PX,
 * and what clients say when they come and go. It answers a command at a time, as Redis does.
 */
export async function onRespServer(use: (port: number) => Promise<void>): Promise<void> {
  const values = new Map<string, { readonly value: string; readonly until: number }>()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let pending = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      pending = Buffer.concat([pending, bytes])
      for (;;) {
        const command = readCommand(pending)
        if (command === null) return
        pending = pending.subarray(command.length)
        socket.write(answer(values, command.words))
      }
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  try {
    await use((server.address() as AddressInfo).port)
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => void server.close(resolve))
  }
}

/** An array of bulk strings; null while it has not arrived whole. */
function readCommand(bytes: Buffer): { words: string[]; length: number } | null {
  let at = 0
  const readLine = (): string | null => {
    const end = bytes.indexOf('\r\n', at)
    if (end < 0) return null
    const line = bytes.toString('latin1', at, end)
    at = end + 2
    return line
  }
  const count = readLine()
  if (count === null) return null
  const words: string[] = []
  for (let i = 0; i < Number(count.slice(1)); i++) {
    const size = readLine()
    if (size === null) return null
    const end = at + Number(size.slice(1))
    if (bytes.length < end + 2) return null
    words.push(bytes.toString('utf8', at, end))
    at = end + 2
  }
  return { words, length: at }
}

function answer(values: Map<string, { value: string; until: number }>, words: string[]): string {
  const [command = '', key = '', value = '', ...rest] = words
  const held = values.get(key)
  const isThere = held !== undefined && held.until > Date.now()
  switch (command.toUpperCase()) {
    case 'GET':
      return isThere ? `$${Buffer.byteLength(held.value)}\r\n${held.value}\r\n` : '$-1\r\n'
    case 'SET': {
      if (rest.includes('NX') && isThere) return '$-1\r\n'
      const px = rest.indexOf('PX')
      values.set(key, { value, until: px < 0 ? Infinity : Date.now() + Number(rest[px + 1]) })
      return '+OK\r\n'
    }
    case 'INFO':
      return '$19\r\nredis_version:7.0.0\r\n'
    case 'CLIENT':
    case 'SELECT':
    case 'PING':
    case 'QUIT':
      return '+OK\r\n'
    default:
      return `-ERR unknown command '${command}'\r\n`
  }
}
