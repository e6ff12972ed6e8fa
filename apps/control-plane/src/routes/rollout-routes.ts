import { readJson, sendJson } from '../http.ts'
import { schemas } from '../openapi/schemas.ts'
import type { ReadinessReport } from '@fairtrial/protocol'
import { approveSchema, fieldsOf, orderOf, orderSchema, readySchema } from '../orders.ts'
import type { Plane } from '../plane.ts'
import type { Role } from '../access/caller.ts'
import type { Route } from '../route.ts'
import type { ChangeStream } from '../stream/change-stream.ts'
import type { Order } from '../take-orders.ts'

const MAXIMUM_ORDER_BYTES = 64 * 1024
/** The evidence of five checks is in it. */
const MAXIMUM_READY_BYTES = 256 * 1024
const SMALLER_REPORT = 'A readiness report is smaller: give what fairtrial ready has written.'

/** What people look at, and what they order. */
export function rolloutRoutes(plane: Plane, changes: ChangeStream, hasTokens: boolean): readonly Route[] {
  const order = (action: Order['action'], role: Role, summary: string): Route => ({
    method: 'POST',
    path: `/v1/experiments/:key/${action}`,
    role,
    summary,
    body: {
      contentType: 'application/json',
      maximumBytes: MAXIMUM_ORDER_BYTES,
      schema: (action === 'approve' ? approveSchema : orderSchema)(hasTokens),
    },
    answer: schemas.transition,
    async run({ request, response, key, caller }) {
      const signed = orderOf(await readJson(request, MAXIMUM_ORDER_BYTES, 'Give a shorter reason.'), caller)
      sendJson(response, 200, await plane.order(key, { action, ...signed }, caller.role))
    },
  })
  const ready: Route = {
    method: 'POST',
    path: '/v1/experiments/:key/ready',
    role: 'operator',
    summary:
      'Gives the readiness report that a phase awaits before it starts, one a minute at most. Answers with the transition.',
    body: {
      contentType: 'application/json',
      maximumBytes: MAXIMUM_READY_BYTES,
      schema: readySchema(hasTokens),
    },
    answer: schemas.transition,
    async run({ request, response, key, caller }) {
      const body = await readJson(request, MAXIMUM_READY_BYTES, SMALLER_REPORT)
      // Whether it is one is for the order to say, which has to look at all of it.
      const report = fieldsOf(body)['report'] as ReadinessReport
      const given = { action: 'ready', ...orderOf(body, caller), report } as const
      sendJson(response, 200, await plane.order(key, given, caller.role))
    },
  }
  return [
    {
      method: 'GET',
      path: '/v1/experiments',
      role: 'viewer',
      summary: 'Every rollout at a glance.',
      answer: schemas.rollouts,
      run: async ({ response }) => sendJson(response, 200, await plane.rollouts()),
    },
    {
      method: 'GET',
      path: '/v1/experiments/:key',
      role: 'viewer',
      summary:
        'One rollout: its state, the last look and decision, the proof of a rollback, every transition; the last readiness report, and no earlier one.',
      answer: schemas.rollout,
      run: async ({ response, key }) => sendJson(response, 200, await plane.view(key)),
    },
    {
      method: 'GET',
      path: '/v1/stream',
      role: 'viewer',
      summary: 'Server-sent events: `change` when there is something to look at, `beat` while there is not.',
      answer: null,
      run: (asked) => changes.open(asked),
    },
    order('abort', 'operator', 'Takes the treatment back. Answers with the transition.'),
    order(
      'hold',
      'operator',
      'Keeps traffic where it is until somebody resumes or aborts; harm still aborts.',
    ),
    order('resume', 'operator', 'Ends a hold by hand.'),
    order(
      'approve',
      'operator',
      "One person's word that the phase may start, or the present stage be left, as seen at a revision: another in force refuses it.",
    ),
    order(
      'advance',
      'admin',
      'Goes one stage on, without the time and the units of the present one; starts a phase without its report.',
    ),
    order('retry', 'admin', 'Opens the next phase of what was aborted or stopped, with fresh evidence.'),
    ready,
  ]
}
