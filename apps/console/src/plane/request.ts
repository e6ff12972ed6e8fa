/** What the control plane refused, and what it advises. */
export interface Refusal {
  /** 0 where nobody answered. */
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly remedy: string
}

/** An answer, or why there is none. Nothing is thrown: a console shows what is wrong. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal }

/** How long an answer may take. */
const PATIENCE_MS = 15_000

/** Asks the control plane for JSON; with a body, orders. */
export async function ask<T>(path: string, token: string | null, body?: object): Promise<Answer<T>> {
  try {
    const response = await fetch(path, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...bearer(token),
      },
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    const answer: unknown = await response.json().catch(() => null)
    if (response.ok && answer !== null) return { ok: true, value: answer as T }
    return { ok: false, refusal: refusalOf(response.status, answer) }
  } catch {
    return {
      ok: false,
      refusal: {
        status: 0,
        code: 'unreachable',
        detail: 'The control plane does not answer.',
        remedy: 'See whether it runs, and whether this machine reaches it.',
      },
    }
  }
}

/** The header that carries a token. */
export function bearer(token: string | null): Record<string, string> {
  return token === null ? {} : { authorization: `Bearer ${token}` }
}

function refusalOf(status: number, answer: unknown): Refusal {
  const { code, detail, remedy } = (
    typeof answer === 'object' && answer !== null ? answer : {}
  ) as Partial<Refusal>
  return {
    status,
    code: code ?? 'unreadable',
    detail: detail ?? `The control plane answered ${status}, and not in JSON.`,
    remedy: remedy ?? 'See its log.',
  }
}
