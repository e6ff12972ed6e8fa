import type { Decision } from '@fairtrial/protocol'
import { wrap } from './wrap.ts'

/** A decision for people: what to do, then why. */
export function decisionText({ action, shipVariant, reasons }: Decision): string {
  const what = shipVariant === undefined ? action : `${action} ${shipVariant}`
  return [`Decision: ${what}`, ...reasons.map((reason) => wrap(reason, '  '))].join('\n')
}
