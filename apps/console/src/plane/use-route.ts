import { type MouseEvent, useSyncExternalStore } from 'react'

/** What the page shows. */
export type Route =
  | { readonly page: 'rollouts' }
  | { readonly page: 'experiment'; readonly key: string }
  | { readonly page: 'trail' }
  | { readonly page: 'nowhere' }

/** What a path asks for. */
export function routeOf(path: string): Route {
  if (path === '/') return { page: 'rollouts' }
  if (path === '/trail') return { page: 'trail' }
  const [, key] = /^\/experiments\/([A-Za-z0-9_.-]{1,128})$/.exec(path) ?? []
  return key === undefined ? { page: 'nowhere' } : { page: 'experiment', key }
}

export function useRoute(): Route {
  return routeOf(useSyncExternalStore(listen, () => location.pathname))
}

/** What a link needs to go on without loading the page anew; a click that opens a tab still does. */
export function linkTo(path: string) {
  return {
    href: path,
    onClick(event: MouseEvent) {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return
      event.preventDefault()
      history.pushState(null, '', path)
      dispatchEvent(new PopStateEvent('popstate'))
      scrollTo(0, 0)
    },
  }
}

function listen(onChange: () => void): () => void {
  addEventListener('popstate', onChange)
  return () => removeEventListener('popstate', onChange)
}
