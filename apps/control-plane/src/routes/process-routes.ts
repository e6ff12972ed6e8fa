import { NOBODY } from '../access/caller.ts'
import { sendJson, sendText } from '../http.ts'
import { type Metric, metricsText } from '../metrics/metric.ts'
import { schemas } from '../openapi/schemas.ts'
import type { Plane } from '../plane.ts'
import type { Route } from '../route.ts'

/** What is asked of the process itself. */
export function processRoutes(plane: Plane, metrics: () => readonly Metric[]): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/healthz',
      role: null,
      summary: 'Answers while the process does.',
      answer: schemas.health,
      run: ({ response }) => sendJson(response, 200, { status: 'ok' }),
    },
    {
      method: 'GET',
      path: '/readyz',
      role: null,
      summary:
        'Whether the state can be read, the log written, and every loop turns; 503 says what does not.',
      answer: schemas.readiness,
      others: { 503: schemas.readiness },
      async run({ response, caller }) {
        const obstacles = await plane.unreadiness()
        const reasons = obstacles.map(({ what, why }) =>
          why === undefined || caller === NOBODY ? `${what}.` : `${what}: ${why}`,
        )
        const isReady = reasons.length === 0
        sendJson(response, isReady ? 200 : 503, { status: isReady ? 'ready' : 'not-ready', reasons })
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      role: null,
      summary: "Numbers of the process, in Prometheus' text format.",
      answer: null,
      run: ({ response }) =>
        sendText(response, 200, metricsText(metrics()), {
          'content-type': 'text/plain; version=0.0.4; charset=utf-8',
        }),
    },
    {
      method: 'GET',
      path: '/v1/me',
      role: 'viewer',
      summary: 'Who asks, and what they may do.',
      answer: schemas.caller,
      run: ({ response, caller }) => sendJson(response, 200, caller),
    },
  ]
}
