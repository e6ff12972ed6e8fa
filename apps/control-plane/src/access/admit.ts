import type { IncomingMessage } from 'node:http'
import { Refused } from '../refused.ts'
import { type Caller, mayAct, NOBODY, type Role } from './caller.ts'
import type { Tokens } from './tokens.ts'

/** Names by which a loopback server may be asked; any other is a page in a browser that tries its luck. */
const LOCAL_HOSTS = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i

/**
 * Who asks. Without tokens this machine may do everything, by its own names only; with tokens whoever holds one that
 * is in force. Null: nobody who is known.
 */
export function identify(request: IncomingMessage, tokens: Tokens | null): Caller | null {
  refuseCrossSite(request)
  if (tokens === null) {
    refuseForeignHost(request)
    return { name: null, role: 'admin' }
  }
  refuseTwoTokens(request)
  const token = /^Bearer ([\x21-\x7e]{1,1024})$/i.exec(request.headers.authorization ?? '')?.[1]
  return token === undefined ? null : tokens.callerOf(token)
}

/** Whoever asks, if that is enough for what is asked. */
export function admit(caller: Caller | null, needed: Role | null): Caller {
  if (needed === null) return caller ?? NOBODY
  if (caller === null) {
    throw new Refused(401, 'unauthorized', 'The request bears no token that is known and in force.', {
      remedy: 'Send `Authorization: Bearer TOKEN`.',
      headers: { 'www-authenticate': 'Bearer' },
    })
  }
  if (isAdmitted(caller, needed)) return caller
  throw new Refused(403, 'forbidden', `${caller.name} is ${caller.role}, and this asks for ${needed}.`, {
    remedy: `Ask somebody who is ${needed}.`,
  })
}

/** Whether what is asked is open to who asks. */
export function isAdmitted(caller: Caller | null, needed: Role | null): boolean {
  return needed === null || (caller !== null && mayAct(caller.role, needed))
}

/** Node takes the first. What stands before it may have looked at the last, and let the request through for that. */
function refuseTwoTokens({ headersDistinct }: IncomingMessage): void {
  if ((headersDistinct['authorization'] ?? []).length < 2) return
  throw new Refused(400, 'two-tokens', 'The request bears two Authorization headers.', {
    remedy: 'Send one.',
  })
}

/** A page of another origin may send a simple POST without being able to read the answer: nothing is done for it. */
function refuseCrossSite({ method, headers }: IncomingMessage): void {
  if (method === 'GET' || method === 'HEAD') return
  const site = headers['sec-fetch-site']
  const isForeign =
    (site !== undefined && site !== 'same-origin' && site !== 'none') ||
    (headers.origin !== undefined && hostOf(headers.origin) !== headers.host?.toLowerCase())
  if (!isForeign) return
  throw new Refused(403, 'cross-site', 'The request comes from a page of another site.', {
    remedy: 'Ask from the console itself, or from outside a browser.',
  })
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null
}

function refuseForeignHost({ headers }: IncomingMessage): void {
  if (LOCAL_HOSTS.test(headers.host ?? '')) return
  throw new Refused(403, 'foreign-host', 'The Host header is not this machine.', {
    remedy: 'Ask by 127.0.0.1.',
  })
}
