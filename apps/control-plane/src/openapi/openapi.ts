import type { JsonSchema, Route } from '../route.ts'
import { components, schemas } from './schemas.ts'

/** What a key may be: protocol's alphabet for names. */
const KEY: JsonSchema = { type: 'string', pattern: '^[A-Za-z0-9_.-]{1,128}$' }

/**
 * The OpenAPI 3.1 document of the routes.
 *
 * @param hasTokens without them no route asks for one
 */
export function openApiDocument(routes: readonly Route[], hasTokens: boolean): JsonSchema {
  const paths: { [path: string]: { [method: string]: JsonSchema } } = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, hasTokens) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'The control plane of fairtrial',
      version: '1',
      description: 'Grants rollout state on a lease, takes events in, and takes orders.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components,
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  }
}

function operationOf(route: Route, hasTokens: boolean): JsonSchema {
  const { method, path, role, summary, query = {}, requiredQuery = [], body, answer, others = {} } = route
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'key' ? KEY : { type: 'string' },
  }))
  const inQuery = Object.entries(query).map(([name, schema]) => ({
    name,
    in: 'query',
    required: requiredQuery.includes(name),
    schema,
  }))
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase()).replaceAll(/\W/g, '')}`,
    summary: role === null ? summary : `${summary} Asks for the role ${role}.`,
    security: role === null || !hasTokens ? [] : [{ token: [] }],
    parameters: [...inPath, ...inQuery],
    ...(body && {
      requestBody: { required: true, content: { [body.contentType]: { schema: contentSchema(body) } } },
    }),
    responses: {
      200: { description: 'As asked.', ...contentOf(answer) },
      ...Object.fromEntries(
        Object.entries(others).map(([status, schema]) => [
          status,
          { description: 'Not as asked, and no refusal.', ...contentOf(schema) },
        ]),
      ),
      default: { description: 'Refused.', content: { 'application/json': { schema: schemas.refusal } } },
    },
  }
}

function contentOf(schema: JsonSchema | null): JsonSchema {
  return schema === null ? {} : { content: { 'application/json': { schema } } }
}

/** JSON Schema describes one document; of lines it can only be said what each of them is. */
function contentSchema({ contentType, schema }: NonNullable<Route['body']>): JsonSchema {
  if (contentType === 'application/json') return schema
  return { type: 'string', description: 'Lines of JSON, each of the schema in `x-line`.', 'x-line': schema }
}
