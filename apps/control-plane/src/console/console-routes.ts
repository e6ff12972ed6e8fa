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
    get('/', 'The console.', () => ['index.html']),
    get('/experiments/:key', 'The console, at one rollout.', () => ['index.html']),
    get('/trail', 'The console, at the audit trail.', () => ['index.html']),
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
  if (file === null) throw nothingThere(folder)
  const isNamedByContent = names[0] === 'assets'
  response.writeHead(200, {
    ...CONSOLE_HEADERS,
    'content-type': file.contentType,
    'content-length': String(file.content.length),
    ...(isNamedByContent && { 'cache-control': 'public, max-age=31536000, immutable' }),
  })
  response.end(file.content)
}

function nothingThere(folder: string | null): Refused {
  return new Refused(404, 'not-found', 'There is nothing at this path.', {
    remedy:
      folder === null
        ? 'Install @fairtrial/console beside the control plane, or give --console DIR.'
        : 'Begin at /.',
  })
}
