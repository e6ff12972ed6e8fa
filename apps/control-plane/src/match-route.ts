import { Refused } from './refused.ts'
import type { Route } from './route.ts'

const KEY = /^[A-Za-z0-9_.-]{1,128}$/

/** A route and what its path says. */
interface Match {
  readonly route: Route
  readonly key: string
}

/** Finds the route of a method and a path, or refuses: 404 where there is none, 405 where it takes another method. */
export function matchRoute(routes: readonly Route[], method: string, path: string): Match {
  const allowed = new Set<string>()
  for (const route of routes) {
    const key = keyOf(route.path, path)
    if (key === null) continue
    if (method === route.method) return { route, key }
    allowed.add(route.method)
  }
  if (allowed.size === 0) {
    throw new Refused(404, 'not-found', 'There is nothing at this path.', {
      remedy: 'See /openapi.json for the routes.',
    })
  }
  const list = [...allowed]
  throw new Refused(405, 'method-not-allowed', `This path does not take ${method}.`, {
    remedy: `Use ${list.join(' or ')}.`,
    headers: { allow: list.join(', ') },
  })
}

/** The experiment's key where the path has one, `''` where it has none, null where it is another path. */
function keyOf(pattern: string, path: string): string | null {
  const given = path.split('/')
  const wanted = pattern.split('/')
  if (wanted.length !== given.length) return null
  let key = ''
  for (const [i, part] of wanted.entries()) {
    const text = given[i] ?? ''
    if (part !== ':key') {
      if (part !== text) return null
    } else if (KEY.test(text)) key = text
    else return null
  }
  return key
}
