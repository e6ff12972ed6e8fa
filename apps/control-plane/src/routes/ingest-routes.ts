import { readBody, sendJson } from '../http.ts'
import { schemas } from '../openapi/schemas.ts'
import type { Plane } from '../plane.ts'
import { takePublicExposures } from '../public-exposures.ts'
import type { JsonSchema, Route } from '../route.ts'
import type { EventKind } from '@fairtrial/exposure'

const NDJSON = { contentType: 'application/x-ndjson', maximumBytes: 4 * 1024 * 1024 } as const

/** Where batches of events go in, a line each. */
export function ingestRoutes(plane: Plane, exposureSecret: string | null): readonly Route[] {
  const route = (path: string, kind: EventKind | null, schema: JsonSchema, summary: string): Route => ({
    method: 'POST',
    path,
    role: 'service',
    summary,
    body: { ...NDJSON, schema },
    answer: schemas.ingested,
    async run({ request, response }) {
      sendJson(response, 200, await plane.ingest(await readBody(request, NDJSON), kind))
    },
  })
  return [
    ...(exposureSecret === null ? [] : [publicRoute(plane, exposureSecret)]),
    route(
      '/v1/events',
      null,
      schemas.event,
      'Takes events of every kind, and answers when they are in the log.',
    ),
    route('/v1/exposures', 'exposure', schemas.exposure, 'Takes exposures.'),
    route('/v1/outcomes', 'outcome', schemas.outcome, 'Takes outcomes.'),
    route(
      '/v1/summaries',
      'summary',
      schemas.summary,
      'Takes sums of system measurements, and reports of producers.',
    ),
  ]
}

/** For whoever may be anybody: a browser. */
function publicRoute(plane: Plane, secret: string): Route {
  const { ingest, now } = plane
  const take = takePublicExposures({ secret, ingest, now })
  const limits = { ...NDJSON, maximumBytes: 64 * 1024 }
  return {
    method: 'POST',
    path: '/v1/public/exposures',
    role: null,
    summary: 'Takes exposures of anybody, each with the `token` that a service gave out for its arm.',
    body: { ...limits, schema: schemas.signedExposure },
    answer: schemas.ingested,
    async run({ request, response }) {
      sendJson(response, 200, await take(await readBody(request, limits)))
    },
  }
}
