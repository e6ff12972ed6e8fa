import { sendText } from '../http.ts'
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
    run: ({ response }) =>
      sendText(response, 200, body, { 'content-type': 'application/json; charset=utf-8' }),
  }
  // Written once: one copy serves every reader, those who do not read it too.
  const body = Buffer.from(JSON.stringify(openApiDocument([...routes, route], hasTokens)))
  return route
}
