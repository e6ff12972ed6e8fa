import { readEvents } from './read-events.ts'
import { openPlane } from './ask-plane.ts'
import type { PlaneAccess } from './plane-access.ts'

/** The control plane beats every 15 s. One that is silent for so long is not there, whatever the socket says. */
const SILENCE_MS = 40_000

/**
 * Listens to `GET /v1/stream`. Resolves when the stream is over, however it ended, or was never there.
 *
 * @param onChange with the experiment that has changed; null when the stream opens: what was before may have been missed
 */
export async function listenToChanges(
  access: PlaneAccess,
  signal: AbortSignal,
  onChange: (experiment: string | null) => void,
): Promise<void> {
  const silent = new AbortController()
  let watch = setTimeout(() => silent.abort(), SILENCE_MS)
  try {
    const response = await openPlane(access, '/v1/stream', {
      signal: AbortSignal.any([signal, silent.signal]),
      accept: 'text/event-stream',
    })
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
    if (!response.ok || !isStream || response.body === null) return
    onChange(null)
    for await (const { event, data } of readEvents(response.body)) {
      clearTimeout(watch)
      watch = setTimeout(() => silent.abort(), SILENCE_MS)
      const experiment = event === 'change' ? experimentOf(data) : undefined
      if (experiment !== undefined) onChange(experiment)
    }
  } catch {
    // Cut off, refused, silent: whoever listens hears that it is over.
  } finally {
    clearTimeout(watch)
    silent.abort()
  }
}

function experimentOf(data: string): string | undefined {
  try {
    const { experiment } = JSON.parse(data) as { readonly experiment?: unknown }
    return typeof experiment === 'string' ? experiment : undefined
  } catch {
    return undefined
  }
}
