import { sendJson } from '../http.ts'
import type { Route } from '../route.ts'
import { openApiDocument } from './openapi.ts'

/** The document of the routes, itself among them. */
export function openApiRoute(routes: readonly Route[], hasTokens: boolean): Route {
  const route: Route = {
    method: 'GET',
    path: '/openapi.json',
    role: null,
    summary: 'This document.',
    answer: { type: 'object' },
    run: ({ response }) => sendJson(response, 200, document),
  }
  const document = openApiDocument([...routes, route], hasTokens)
  return route
}
