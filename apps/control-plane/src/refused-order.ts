import type { PlaneNotice } from './notice.ts'
import type { Answered } from './server.ts'

/**
 * What somebody who is known wanted done and was refused. Null for everything else: whoever is not known could fill
 * a disk with attempts, and is only counted.
 */
export function refusedOrder(
  { route, key, caller, refusal }: Answered,
  at: number,
): Extract<PlaneNotice, { kind: 'order-refused' }> | null {
  const isOrder = route?.method === 'POST' && (route.role === 'operator' || route.role === 'admin')
  if (refusal === null || caller === null || !isOrder) return null
  const { status, body } = refusal
  return {
    kind: 'order-refused',
    at,
    experiment: key === '' ? null : key,
    action: route.path.slice(route.path.lastIndexOf('/') + 1),
    by: caller.name,
    role: caller.role,
    status,
    code: body.code,
    detail: body.detail,
  }
}
