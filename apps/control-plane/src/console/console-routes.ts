import type { ServerResponse } from 'node:http'
import { GUARDED } from '../http.ts'
import { Refused } from '../refused.ts'
import type { Asked, Route } from '../route.ts'
import { type KeptFiles, readConsoleFile } from './console-files.ts'

/** Its own files and nothing else; in no frame; to nobody else's use. */
const CONSOLE_HEADERS = {
  ...GUARDED,
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'cross-origin-opener-policy': 'same-origin',
} as const

const PAGE = 'index.html'

/** The console's static files: the page at `/` and below `/experiments`, what it loads at `/assets`. */
export function consoleRoutes(folder: string | null): readonly Route[] {
  const kept: KeptFiles = new Map()
  const get = (path: string, summary: string, namesOf: (asked: Asked) => readonly string[]): Route => ({
    method: 'GET',
    path,
    role: null,
    summary,
    answer: null,
    run: async (asked) => send(asked.response, folder, namesOf(asked), kept),
  })
  return [
    get('/', 'The console.', () => [PAGE]),
    get('/experiments/:key', 'The console, at one rollout.', () => [PAGE]),
    get('/trail', 'The console, at the audit trail.', () => [PAGE]),
    get('/assets/:key', 'What the console loads.', ({ key }) => ['assets', key]),
  ]
}

async function send(
  response: ServerResponse,
  folder: string | null,
  names: readonly string[],
  kept: KeptFiles,
): Promise<void> {
  const file = folder === null ? null : await readConsoleFile(folder, names, kept)
  if (file === null) throw nothingThere(folder, names)
  const isNamedByContent = names[0] === 'assets'
  response.writeHead(200, {
    ...CONSOLE_HEADERS,
    'content-type': file.contentType,
    'content-length': String(file.content.length),
    ...(isNamedByContent && { 'cache-control': 'public, max-age=31536000, immutable' }),
  })
  response.end(file.content)
}

function nothingThere(folder: string | null, names: readonly string[]): Refused {
  if (folder === null) {
    return notFound('Install @fairtrial/console beside the control plane, or give --console DIR.')
  }
  const isPage = names[0] === PAGE
  return notFound(
    isPage
      ? 'The console is not built: build it by `npx -y pnpm@10 -C apps/console build`, or give --console DIR of one that is.'
      : 'Begin at /.',
  )
}

function notFound(remedy: string): Refused {
  return new Refused(404, 'not-found', 'There is nothing at this path.', { remedy })
}
