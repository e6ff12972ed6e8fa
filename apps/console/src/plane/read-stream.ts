import { createEventReader, type ServerEvent } from './event-text.ts'
import { bearer } from './request.ts'

/** The control plane beats every 15 s. One that is silent for so long is not there, whatever the socket says. */
const SILENCE_MS = 40_000

/**
 * Reads server-sent events by `fetch`, which, other than `EventSource`, can carry a token. Resolves when the stream is
 * over, however it ended.
 */
export async function readStream(options: {
  readonly path: string
  readonly token: string | null
  readonly signal: AbortSignal
  readonly onOpen: () => void
  readonly onEvent: (event: ServerEvent) => void
}): Promise<void> {
  const { path, token, signal, onOpen, onEvent } = options
  const silent = new AbortController()
  let watch = setTimeout(() => silent.abort(), SILENCE_MS)
  try {
    const response = await fetch(path, {
      headers: { accept: 'text/event-stream', ...bearer(token) },
      cache: 'no-store',
      signal: AbortSignal.any([signal, silent.signal]),
    })
    if (!response.ok || response.body === null) return
    onOpen()
    const read = createEventReader()
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      clearTimeout(watch)
      watch = setTimeout(() => silent.abort(), SILENCE_MS)
      for (const event of read(value)) onEvent(event)
    }
  } catch {
    // Cut off, refused, silent: the caller sees that it is over, and tries again.
  } finally {
    clearTimeout(watch)
  }
}
