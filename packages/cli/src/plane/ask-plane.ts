import { ExperimentError, type JsonObject, type RolloutState } from '@fairtrial/protocol'
import { asSentence } from '@fairtrial/rollout'
import { stateLine } from '../text/state-line.ts'
import type { PlaneAccess } from './plane-access.ts'

/** A rollback waits for a log that is slow, not for a plane that is dead. */
const TIMEOUT_MS = 10_000

/**
 * Asks a control plane: GET, or POST where there is a body.
 *
 * @param schema of the answer: whatever answers something else is no control plane
 * @throws ExperimentError `unreachable`; `refused`, with the state that stands in the way as `cause.state`
 */
export async function askPlane<Answer extends { readonly schema: string }>(
  access: PlaneAccess,
  path: string,
  schema: Answer['schema'],
  body?: JsonObject,
): Promise<Answer> {
  let response: Response
  let answered: unknown
  try {
    response = await openPlane(access, path, { signal: AbortSignal.timeout(TIMEOUT_MS), body })
    answered = await response.json().catch(() => null)
  } catch (error) {
    const { message, cause } = error as Error
    const why = cause instanceof Error && cause.message ? cause.message : message
    throw unreachable(`cannot be reached: ${why}.`, access, error)
  }
  if (response.ok && isOf<Answer>(answered, schema)) return answered
  throw refusalOf(response, answered, access)
}

/** Sends the request; what it answers is the caller's to read. */
export function openPlane(
  { url, token }: PlaneAccess,
  path: string,
  { signal, body, accept }: { signal: AbortSignal; body?: JsonObject | undefined; accept?: string },
): Promise<Response> {
  const headers = {
    ...(token !== null && { authorization: `Bearer ${token}` }),
    ...(accept !== undefined && { accept }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  }
  const post = body && { method: 'POST', body: JSON.stringify(body) }
  // A token goes where it was meant to go, and nowhere else.
  return fetch(url + path, { ...post, headers, signal, redirect: 'error' })
}

/** Of an experiment's routes. */
export function pathOf(key: string, rest = ''): string {
  return `/v1/experiments/${encodeURIComponent(key)}${rest}`
}

function refusalOf(response: Response, answered: unknown, access: PlaneAccess): ExperimentError {
  const { detail, remedy, state } = (answered ?? {}) as Refusal
  if (response.ok || detail === undefined) {
    return unreachable(`answered ${response.status}: that is not a control plane of fairtrial.`, access)
  }
  if (response.status >= 500) {
    return unreachable(`answered ${response.status}: ${asSentence(detail)}`, access, undefined, remedy)
  }
  const stands = state === undefined ? '' : ` It is ${stateLine(state)}: ${asSentence(state.cause)}`
  const said = `The control plane refuses: ${asSentence(detail)}${stands}`
  return new ExperimentError('refused', said, remedy ?? REMEDIES[response.status] ?? '', {
    ...(state && { cause: { state } }),
  })
}

interface Refusal {
  readonly detail?: string
  readonly remedy?: string
  readonly state?: RolloutState
}

const REMEDIES: { readonly [status: number]: string } = {
  401: 'Give a token: --token-file FILE, or FAIRTRIAL_TOKEN.',
  403: 'Ask somebody whose token may do it.',
}

const REACH_IT =
  'Check --url, and that it runs. Leases end by themselves: a service that it does not reach withdraws every treatment.'

function unreachable(
  what: string,
  { url }: PlaneAccess,
  cause?: unknown,
  remedy: string = REACH_IT,
): ExperimentError {
  return new ExperimentError('unreachable', `The control plane at ${url} ${what}`, remedy, { cause })
}

function isOf<Answer extends { readonly schema: string }>(
  value: unknown,
  schema: Answer['schema'],
): value is Answer {
  return (value as { schema?: unknown } | null)?.schema === schema
}
