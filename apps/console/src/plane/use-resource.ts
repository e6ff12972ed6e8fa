import { useCallback, useEffect, useRef, useState } from 'react'
import type { Refusal } from './request.ts'
import { useSession } from './session.tsx'

/** What was read, and what went wrong since. The last good answer stays: a page is never emptied by a failure. */
export interface Resource<T> {
  readonly value: T | null
  readonly refusal: Refusal | null
  /** When the value came, epoch milliseconds; null before the first. */
  readonly loadedAt: number | null
  readonly reload: () => void
}

interface Loaded<T> extends Omit<Resource<T>, 'reload'> {
  readonly path: string
}

/** What nobody answered, or failed to, is asked for again after so long. */
const RETRY_MS = 5_000

/** Reads a path, and again whenever `version` changes, at most once every `restMs`. */
export function useResource<T>(path: string, version: number, restMs = 400): Resource<T> {
  const { ask } = useSession()
  const [loaded, setLoaded] = useState<Loaded<T>>(() => nothingOf(path))
  const [asked, setAsked] = useState(0)
  const started = useRef({ path: '', at: Number.NEGATIVE_INFINITY, number: 0 })
  const shown = useRef(0)

  useEffect(() => {
    const { current } = started
    const wait = current.path === path ? Math.max(0, current.at + restMs - performance.now()) : 0
    const timer = setTimeout(() => {
      const number = started.current.number + 1
      started.current = { path, at: performance.now(), number }
      void ask<T>(path).then((answer) => {
        // An answer that was overtaken, or that belongs to a page that was left, is nobody's.
        if (started.current.path !== path || number < shown.current) return
        shown.current = number
        setLoaded((before) => {
          const last = before.path === path ? before : nothingOf<T>(path)
          return answer.ok
            ? { path, value: answer.value, refusal: null, loadedAt: Date.now() }
            : { ...last, refusal: answer.refusal }
        })
      })
    }, wait)
    return () => clearTimeout(timer)
  }, [path, version, asked, restMs, ask])

  const reload = useCallback(() => setAsked((count) => count + 1), [])
  useEffect(() => {
    if (loaded.refusal === null || (loaded.refusal.status > 0 && loaded.refusal.status < 500)) return
    const timer = setTimeout(reload, RETRY_MS)
    return () => clearTimeout(timer)
  }, [loaded, reload])

  const { value, refusal, loadedAt } = loaded.path === path ? loaded : nothingOf<T>(path)
  return { value, refusal, loadedAt, reload }
}

function nothingOf<T>(path: string): Loaded<T> {
  return { path, value: null, refusal: null, loadedAt: null }
}
