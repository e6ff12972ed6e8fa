import { createContext, use, useEffect, useState } from 'react'
import { sayAgo, sayInstant } from '../words/times.ts'

/** Whether the page stands still, as a saved one does: what was a moment ago then is so no more when it is read. */
export const StandsStill = createContext(false)

/** How long ago, kept true while the page stands; the instant itself on a hover, and on a page that stands still. */
export function Ago({ at }: { readonly at: number }) {
  const ago = sayAgo(at, useNow())
  const instant = sayInstant(at)
  return use(StandsStill) ? (
    <time dateTime={new Date(at).toISOString()}>{instant}</time>
  ) : (
    <time dateTime={new Date(at).toISOString()} title={instant}>
      {ago}
    </time>
  )
}

/** The time, every five seconds, which is as fine as it is told. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5_000)
    return () => clearInterval(timer)
  }, [])
  return now
}
