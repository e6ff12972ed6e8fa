import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react'
import { readStream } from './read-stream.ts'
import { useSession } from './session.tsx'

/** Whether changes arrive as they happen, and since when it is so. */
interface Liveness {
  readonly state: 'connecting' | 'live' | 'lost'
  /** Epoch milliseconds by this machine's clock. */
  readonly since: number
}

interface Live extends Liveness {
  /** Grows when the experiment (of null: any) has changed, or may have while nobody listened. */
  readonly changesOf: (experiment: string | null) => number
}

interface Changes {
  readonly all: number
  /** Times that changes may have been missed. */
  readonly gaps: number
  readonly of: ReadonlyMap<string, number>
}

const PAUSES_MS = [500, 1_000, 2_000, 5_000, 10_000]
/** A connection that held for so long was a good one: the next is tried at once again. */
const GOOD_MS = 10_000

const LiveContext = createContext<Live | null>(null)

export function useLive(): Live {
  const live = use(LiveContext)
  if (live === null) throw new Error('useLive outside of LiveGate.')
  return live
}

/** Follows `/v1/stream` for all that is inside. */
export function LiveGate({ children }: { readonly children: ReactNode }) {
  const { token, ask } = useSession()
  const [liveness, setLiveness] = useState<Liveness>(() => ({ state: 'connecting', since: Date.now() }))
  const [changes, setChanges] = useState<Changes>({ all: 0, gaps: 0, of: new Map() })

  useEffect(() => {
    const ended = new AbortController()
    const { signal } = ended
    const say = (state: Liveness['state']) =>
      setLiveness((before) => (before.state === state ? before : { state, since: Date.now() }))

    async function follow(): Promise<void> {
      for (let failures = 0; !signal.aborted; failures++) {
        const began = performance.now()
        await readStream({
          path: '/v1/stream',
          token,
          signal,
          onOpen() {
            say('live')
            setChanges((before) => ({ ...before, all: before.all + 1, gaps: before.gaps + 1 }))
          },
          onEvent({ event, data }) {
            const key = event === 'change' ? keyOf(data) : null
            if (key !== null) setChanges((before) => withChange(before, key))
          },
        })
        if (signal.aborted) return
        say('lost')
        // Whoever has no valid token any more learns it from this.
        void ask('/v1/me')
        if (performance.now() - began > GOOD_MS) failures = 0
        await pause(PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)] ?? GOOD_MS, signal)
      }
    }
    void follow()
    return () => ended.abort()
  }, [token, ask])

  const live = useMemo<Live>(
    () => ({
      ...liveness,
      changesOf: (experiment) =>
        experiment === null ? changes.all : changes.gaps + (changes.of.get(experiment) ?? 0),
    }),
    [liveness, changes],
  )
  return <LiveContext value={live}>{children}</LiveContext>
}

function withChange({ all, gaps, of }: Changes, key: string): Changes {
  return { all: all + 1, gaps, of: new Map(of).set(key, (of.get(key) ?? 0) + 1) }
}

function keyOf(data: string): string | null {
  try {
    const { experiment } = JSON.parse(data) as { experiment?: unknown }
    return typeof experiment === 'string' ? experiment : null
  } catch {
    return null
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}
