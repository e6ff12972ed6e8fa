import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arbitraryOf, spoiled } from '../../test/arbitrary-of.ts'
import { batch, eventsOf, localPlane, NDJSON } from '../../test/local-plane.ts'
import type { JsonSchema, Route } from '../route.ts'
import { openApiDocument } from './openapi.ts'
import { components, schemas } from './schemas.ts'

/** Requests to each route. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 25)

let plane: Awaited<ReturnType<typeof localPlane>>
let document: {
  openapi: string
  paths: { [path: string]: { [method: string]: { [name: string]: unknown } } }
}
beforeAll(async () => {
  plane = await localPlane()
  document = (await (await plane.get('/openapi.json')).json()) as typeof document
})
afterAll(async () => {
  await plane.close()
  await plane.remove()
})

const ajv = new Ajv2020({ strict: false, validateFormats: false })
ajv.addSchema({ $id: 'document', components: { schemas: components } })

const compiled = new Map<string, ReturnType<typeof ajv.compile>>()

/** What is wrong with a body by its schema in the document; null: nothing. */
function problemOf(body: unknown, schema: JsonSchema): string | null {
  const text = JSON.stringify(schema).replaceAll('"#/components', '"document#/components')
  const validate = compiled.get(text) ?? ajv.compile(JSON.parse(text) as object)
  compiled.set(text, validate)
  return validate(body) ? null : ajv.errorsText(validate.errors)
}

const KEYS = fc.oneof(
  { weight: 3, arbitrary: fc.constant('home-row') },
  fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/),
  fc.webPath().map((path) => path.replaceAll('/', '%2f') || '-'),
)

function requestsOf({ query = {}, body }: Route) {
  const value = (schema: JsonSchema) => fc.oneof(arbitraryOf(schema, components).map(String), fc.string())
  const inQuery = Object.fromEntries(Object.entries(query).map(([name, schema]) => [name, value(schema)]))
  return fc.record({
    key: KEYS,
    query: fc.tuple(
      fc.record(inQuery, { requiredKeys: [] }),
      fc.dictionary(fc.string(), fc.string(), { maxKeys: 1 }),
    ),
    body: body === undefined ? fc.constant(undefined) : bodiesOf(body),
  })
}

function bodiesOf({ contentType, schema }: NonNullable<Route['body']>): fc.Arbitrary<string> {
  const good = arbitraryOf(schema, components)
  const one = fc.oneof(
    { weight: 4, arbitrary: good },
    { weight: 3, arbitrary: spoiled(good) },
    fc.jsonValue(),
  )
  const text =
    contentType === 'application/json'
      ? one.map((value) => JSON.stringify(value) ?? '')
      : fc
          .array(one, { maxLength: 6 })
          .map((lines) => lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return fc.oneof(
    { weight: 9, arbitrary: text },
    fc.string({ unit: 'binary' }),
    fc.constant('['.repeat(1_000)),
  )
}

async function ask(
  { method, path, body }: Route,
  { key, query, body: content }: { key: string; query: readonly [object, object]; body: string | undefined },
) {
  const search = new URLSearchParams({ ...query[1], ...query[0] } as Record<string, string>)
  const stop = new AbortController()
  const response = await fetch(`${plane.url}${path.replace(':key', key)}?${search.toString()}`, {
    method,
    signal: stop.signal,
    ...(content !== undefined && { body: content, headers: { 'content-type': body?.contentType ?? '' } }),
  })
  const type = response.headers.get('content-type') ?? ''
  const isStream = type.startsWith('text/event-stream')
  const answer: unknown = type.startsWith('application/json') ? await response.json() : null
  if (isStream) stop.abort()
  else if (answer === null) await response.arrayBuffer()
  return { status: response.status, type, answer }
}

describe('the OpenAPI document', () => {
  it('has every route, its role and where it is refused', () => {
    expect(document.openapi).toBe('3.1.0')
    const guarded = openApiDocument(plane.routes, true) as unknown as typeof document
    for (const { method, path, role } of plane.routes) {
      const operation = document.paths[path.replace(':key', '{key}')]?.[method.toLowerCase()]
      expect(operation, `${method} ${path}`).toMatchObject({ security: [] })
      const asked = guarded.paths[path.replace(':key', '{key}')]?.[method.toLowerCase()]
      expect(asked?.['security']).toEqual(role === null ? [] : [{ token: [] }])
      expect(operation?.['responses']).toHaveProperty('default')
    }
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path))
    expect(operations).toHaveLength(plane.routes.length)
    const ids = operations.map((operation) => operation['operationId'])
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('is true of a rollout that runs, and of one that was taken back', async () => {
    const same = async (path: string, schema: JsonSchema) => {
      const response = await plane.get(path)
      expect([path, response.status, problemOf(await response.json(), schema)]).toEqual([path, 200, null])
    }
    await plane.post('/v1/events', batch(eventsOf(['viewer-1', 'viewer-2'])), NDJSON)
    await expect
      .poll(async () => (await plane.plane.view('home-row')).evaluation?.units['new'], { timeout: 20_000 })
      .toBe(2)
    for (const { path, method, answer } of plane.routes) {
      const address = path.replace(':key', 'home-row')
      if (method === 'GET' && answer !== null) await same(`${address}?metric=started`, answer)
    }
    const order = JSON.stringify({ by: 'ada', reason: 'Complaints.' })
    const aborted = await plane.post('/v1/experiments/home-row/abort', order)
    expect(problemOf(await aborted.json(), schemas.transition)).toBeNull()
    await same('/v1/experiments/home-row', schemas.rollout)
    await same('/v1/experiments', schemas.rollouts)
    await same('/v1/state', schemas.snapshot)
  })

  it('is true of whatever is asked, and nothing that is asked breaks anything', async () => {
    const seen = new Map<number, number>()
    for (const route of plane.routes) {
      await fc.assert(
        fc.asyncProperty(requestsOf(route), async (request) => {
          const { status, type, answer } = await ask(route, request)
          seen.set(status, (seen.get(status) ?? 0) + 1)
          expect(status, JSON.stringify(answer)).not.toBe(500)
          const other = route.others?.[status]
          if (other === null || (status === 200 && route.answer === null)) return
          const schema = status === 200 ? route.answer : (other ?? schemas.refusal)
          expect(type).toContain('application/json')
          expect(problemOf(answer, schema ?? {}), `${route.method} ${route.path}`).toBeNull()
        }),
        { numRuns: RUNS },
      )
    }
    expect(plane.lines.filter((line) => line.startsWith('internal'))).toEqual([])
    // It did not only knock at closed doors.
    expect(seen.get(200) ?? 0).toBeGreaterThan(RUNS * 5)
    expect(seen.get(400) ?? 0).toBeGreaterThan(RUNS)
  })
})
