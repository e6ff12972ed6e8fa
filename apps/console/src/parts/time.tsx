import { useEffect, useState } from 'react'
import { sayAgo, sayInstant } from '../words/times.ts'

/** How long ago, kept true while the page stands; the instant itself on a hover. */
export function Ago({ at }: { readonly at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={sayInstant(at)}>
      {sayAgo(at, useNow())}
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
