import { createContext, type ReactNode, use, useMemo, useState } from 'react'

/** One time that all charts of a page point at together. */
interface Cursor {
  /** Epoch milliseconds; null while nobody points. */
  readonly at: number | null
  readonly point: (at: number | null) => void
}

const CursorContext = createContext<Cursor>({ at: null, point: () => undefined })

export function useCursor(): Cursor {
  return use(CursorContext)
}

/** The charts inside share a cursor. */
export function SharedCursor({ children }: { readonly children: ReactNode }) {
  const [at, point] = useState<number | null>(null)
  return <CursorContext value={useMemo(() => ({ at, point }), [at])}>{children}</CursorContext>
}
