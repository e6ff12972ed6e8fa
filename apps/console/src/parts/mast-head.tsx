import { useLive } from '../plane/live.tsx'
import { useSession } from '../plane/session.tsx'
import { linkTo, type Route } from '../plane/use-route.ts'
import { sayClock } from '../words/times.ts'

/** The head of every page: where one is, whether what is seen is live, and who looks. */
export function MastHead({ route }: { readonly route: Route }) {
  const { me, token, signOut } = useSession()
  return (
    <header className="masthead">
      <a className="wordmark" {...linkTo('/')}>
        <Mark />
        fairtrial
      </a>
      <nav aria-label="Pages">
        <a {...linkTo('/')} aria-current={route.page === 'rollouts' ? 'page' : undefined}>
          Rollouts
        </a>
        <a {...linkTo('/trail')} aria-current={route.page === 'trail' ? 'page' : undefined}>
          Audit trail
        </a>
      </nav>
      <LiveLight />
      <p className="who">
        {me.name ?? 'this machine'} <span className="quiet">{me.role}</span>
        {token !== null && (
          <button type="button" className="plain" onClick={signOut}>
            Sign out
          </button>
        )}
      </p>
    </header>
  )
}

function LiveLight() {
  const { state, since } = useLive()
  const words = {
    connecting: 'Connecting …',
    live: 'Live',
    lost: `Not live since ${sayClock(since)}`,
  }
  return (
    <p className={`live-light ${state}`} role="status">
      <i aria-hidden="true" />
      {words[state]}
    </p>
  )
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <path d="M3 16h6c4.600 0 5.600-9 10-9h10" />
      <path d="M3 16h6c4.600 0 5.600 9 10 9h10" />
    </svg>
  )
}
