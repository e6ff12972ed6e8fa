import type { ServerResponse } from 'node:http'
import { GUARDED } from '../http.ts'
import type { Asked } from '../route.ts'

/** Bytes that may wait for a reader who does not read; more, and the connection is cut: it may come again. */
const MAXIMUM_WAITING_BYTES = 256 * 1024

/** One reader of server-sent events. */
export interface EventStream {
  /** Sends what `eventText` made. A reader who is too slow is cut off. */
  send(text: string): void
  end(): void
  readonly isOpen: boolean
}

/** An event as it stands on the wire. Made once, sent to many. */
export function eventText(event: string, data: unknown, id?: string): string {
  // JSON has no line feed outside of its escapes: the data is one line.
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}

/** Answers with a stream that stays open until whoever asked has gone, may no longer, reads too slowly, or the server ends. */
export function openEvents(
  { response, signal, mayStill }: Asked,
  onCut: () => void = () => undefined,
): EventStream {
  response.writeHead(200, {
    ...GUARDED,
    'content-type': 'text/event-stream; charset=utf-8',
    // A proxy that waits for more would hold an abort back.
    'x-accel-buffering': 'no',
  })
  response.flushHeaders()
  const socket = response.socket
  socket?.setNoDelay(true)
  signal.addEventListener('abort', () => response.end(), { once: true })
  return {
    send(text) {
      if (response.writableEnded || response.destroyed) return
      if (!mayStill()) return void response.end()
      if (waitingBytes(response) > MAXIMUM_WAITING_BYTES) {
        onCut()
        response.destroy()
        return
      }
      response.write(text)
    },
    end: () => void response.end(),
    get isOpen() {
      return !response.writableEnded && !response.destroyed
    },
  }
}

function waitingBytes(response: ServerResponse): number {
  return response.writableLength + (response.socket?.writableLength ?? 0)
}
