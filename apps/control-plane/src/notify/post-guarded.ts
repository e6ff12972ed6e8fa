import { type LookupAddress, promises as dns } from 'node:dns'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { mayConnect, type WebhookUrl } from './webhook-url.ts'

/** What was answered. */
export interface Posted {
  readonly status: number
  /** As the answer asks for it, in milliseconds; null where it does not. */
  readonly retryAfterMs: number | null
}

/** Resolves a name to addresses; an argument, so that a test can turn it. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>

const resolveAll: Resolve = (host) => dns.lookup(host, { all: true })

/** Thrown where a name resolves to what may not be asked. Nothing was sent. */
export class ForbiddenAddress extends Error {}

/**
 * Posts a body to a webhook. The addresses that its name resolves to are checked, and the connection is made to those and
 * no others: a name that answers differently the second time leads nowhere. A redirect is an answer, and not followed.
 *
 * @throws ForbiddenAddress, or an Error where the connection fails, takes longer than `timeoutMs`, or is given up
 */
export async function postGuarded(
  { url, host, isPrivate }: WebhookUrl,
  body: string,
  headers: Readonly<Record<string, string>>,
  options: { readonly timeoutMs: number; readonly resolve?: Resolve; readonly signal?: AbortSignal },
): Promise<Posted> {
  const { timeoutMs, resolve = resolveAll, signal } = options
  const lookup: LookupFunction = (_, { all }, callback) => {
    const found = (addresses: readonly LookupAddress[]) => {
      const forbidden = addresses.find(({ address }) => !mayConnect(address, isPrivate))
      const [first] = addresses
      if (forbidden !== undefined || first === undefined) {
        return callback(new ForbiddenAddress(`${host} resolves to ${forbidden?.address ?? 'nothing'}`), '')
      }
      return all ? callback(null, [...addresses]) : callback(null, first.address, first.family)
    }
    const failed = (error: Error) => callback(error, '')
    resolve(host).then(found, failed)
  }
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((done, fail) => {
    const asked = request(
      url,
      {
        method: 'POST',
        lookup,
        // A connection of its own: one that is kept was checked for another request.
        agent: false,
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      },
      (answer) => {
        const { statusCode: status = 0 } = answer
        done({ status, retryAfterMs: retryAfterOf(answer.headers['retry-after']) })
        // What it says is of no use here, and may be without end.
        answer.destroy()
      },
    )
    asked.once('error', fail)
    asked.end(body)
  })
}

function retryAfterOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : null
}
