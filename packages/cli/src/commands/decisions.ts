import type { DecisionLog } from '@fairtrial/rollout'
import { answer, type Console } from '../console.ts'
import { type DecisionQuery, decisionsOfJournal } from '../decisions-of-journal.ts'
import { askPlane, pathOf } from '../plane/ask-plane.ts'
import { planeAccess, type PlaneOptions } from '../plane/plane-access.ts'
import { decisionLogText } from '../text/decision-log-text.ts'

export interface DecisionsOptions extends PlaneOptions, DecisionQuery {
  /** Directory of a control plane: its journal is read instead. */
  readonly data?: string
  readonly json?: boolean
}

/** `fairtrial decisions KEY`: who decided what, when, by which rule, on what evidence, and who disagreed. */
export async function decisions(console: Console, key: string, options: DecisionsOptions): Promise<void> {
  const log =
    options.data === undefined
      ? await askedOf(key, options)
      : await decisionsOfJournal(options.data, key, options)
  answer(console, options, log, () => decisionLogText(log))
}

async function askedOf(key: string, options: DecisionsOptions): Promise<DecisionLog> {
  const { limit, rule, by, text } = options
  const query = new URLSearchParams({
    limit: String(limit),
    ...(rule !== undefined && { rule }),
    ...(by !== undefined && { by }),
    ...(text !== undefined && { text }),
  })
  const access = await planeAccess(options)
  return askPlane<DecisionLog>(access, pathOf(key, `/decisions?${query.toString()}`), 'fairtrial.decisions/1')
}
