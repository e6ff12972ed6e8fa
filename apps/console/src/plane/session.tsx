import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from 'react'
import { SignIn } from '../pages/sign-in.tsx'
import { Loading, Trouble } from '../parts/standing-in.tsx'
import type { Role } from '../words/orders.ts'
import { type Answer, ask as request, type Refusal } from './request.ts'

/** Who looks, as the control plane knows them. */
export interface Me {
  /** Of the token; null on a machine of one's own, where nobody needs one. */
  readonly name: string | null
  readonly role: Role
}

interface Session {
  readonly me: Me
  readonly token: string | null
  ask<T>(path: string, body?: object): Promise<Answer<T>>
  readonly signOut: () => void
}

/** The tab's own storage: a token is gone when the tab is. */
const KEPT_AS = 'fairtrial-token'

const SessionContext = createContext<Session | null>(null)

export function useSession(): Session {
  const session = use(SessionContext)
  if (session === null) throw new Error('useSession outside of SessionGate.')
  return session
}

/** Shows what is inside once it is known who looks; asks for a token where the control plane does. */
export function SessionGate({ children }: { readonly children: ReactNode }) {
  const [token, setToken] = useState<string | null>(() => sessionStorage.getItem(KEPT_AS))
  const [me, setMe] = useState<Me | null>(null)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [attempt, setAttempt] = useState(0)

  useEffect(() => {
    let isCurrent = true
    void request<Me>('/v1/me', token).then((answer) => {
      if (!isCurrent) return
      setRefusal(answer.ok ? null : answer.refusal)
      setMe(answer.ok ? answer.value : null)
    })
    return () => {
      isCurrent = false
    }
  }, [token, attempt])

  const keep = useCallback((given: string | null) => {
    if (given === null) sessionStorage.removeItem(KEPT_AS)
    else sessionStorage.setItem(KEPT_AS, given)
    setMe(null)
    setRefusal(null)
    setToken(given)
    setAttempt((count) => count + 1)
  }, [])

  const session = useMemo<Session | null>(
    () =>
      me && {
        me,
        token,
        async ask<T>(path: string, body?: object) {
          const answer = await request<T>(path, token, body)
          if (!answer.ok && answer.refusal.status === 401) {
            setMe(null)
            setRefusal(answer.refusal)
          }
          return answer
        },
        signOut: () => keep(null),
      },
    [me, token, keep],
  )

  if (session !== null) return <SessionContext value={session}>{children}</SessionContext>
  if (refusal === null) return <Loading what="who you are" />
  if (refusal.status === 401) return <SignIn wasRefused={token !== null} onToken={keep} />
  return <Trouble refusal={refusal} onRetry={() => setAttempt((count) => count + 1)} />
}
