import { useEffect, useRef } from 'react'
import { ExperimentPage } from './pages/experiment.tsx'
import { RolloutsPage } from './pages/rollouts.tsx'
import { TrailPage } from './pages/trail.tsx'
import { MastHead } from './parts/mast-head.tsx'
import { LiveGate } from './plane/live.tsx'
import { SessionGate } from './plane/session.tsx'
import { linkTo, type Route, useRoute } from './plane/use-route.ts'

export function App() {
  return (
    <SessionGate>
      <LiveGate>
        <Page />
      </LiveGate>
    </SessionGate>
  )
}

function Page() {
  const route = useRoute()
  const main = useRef<HTMLElement>(null)
  const title = titleOf(route)
  const isFirst = useRef(true)
  useEffect(() => {
    document.title = `${title} · fairtrial`
    // A reader of screens is taken to the new page; on the first one it is there already.
    if (!isFirst.current) main.current?.focus()
    isFirst.current = false
  }, [title])

  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <MastHead route={route} />
      <main id="main" ref={main} tabIndex={-1}>
        <Content route={route} />
      </main>
    </>
  )
}

function Content({ route }: { readonly route: Route }) {
  switch (route.page) {
    case 'rollouts':
      return <RolloutsPage />
    case 'experiment':
      return <ExperimentPage key={route.key} experimentKey={route.key} />
    case 'trail':
      return <TrailPage />
    case 'nowhere':
      return (
        <section className="standing-in">
          <h1>There is no such page</h1>
          <p>
            Perhaps the link is old. <a {...linkTo('/')}>All rollouts</a> are one page up.
          </p>
        </section>
      )
  }
}

function titleOf(route: Route): string {
  switch (route.page) {
    case 'rollouts':
      return 'Rollouts'
    case 'experiment':
      return route.key
    case 'trail':
      return 'Audit trail'
    case 'nowhere':
      return 'No such page'
  }
}
