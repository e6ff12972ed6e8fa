import type { TransitionEvent } from '@fairtrial/protocol'
import type { OrderAction, RolloutView } from '@fairtrial/rollout'
import { answer, type Console } from '../console.ts'
import { askPlane, pathOf } from '../plane/ask-plane.ts'
import { type PlaneAccess, planeAccess, type PlaneOptions } from '../plane/plane-access.ts'
import { readReportFile } from '../report-file.ts'
import { rolloutText } from '../text/rollout-text.ts'

export interface RolloutOptions extends PlaneOptions {
  readonly json?: boolean
}

export interface OrderOptions extends RolloutOptions {
  readonly reason: string
  /** Where there are tokens, the name of the token counts. */
  readonly by: string
  /** Of `ready`: the file that holds the report. */
  readonly report?: string
  /** Of `approve`: what was seen. */
  readonly revision?: number
}

/** `fairtrial rollout status KEY`. */
export async function status(console: Console, key: string, options: RolloutOptions): Promise<void> {
  await tell(console, await planeAccess(options), key, options)
}

/** `fairtrial rollout abort KEY --reason TEXT`, and the other orders: what stands after it. */
export async function order(
  console: Console,
  action: OrderAction,
  key: string,
  options: OrderOptions,
): Promise<void> {
  const { by, reason, report: file, revision } = options
  const report = file === undefined ? {} : { report: await readReportFile(file) }
  const access = await planeAccess(options)
  const body = { by, reason, ...(revision !== undefined && { revision }), ...report }
  await askPlane<TransitionEvent>(access, pathOf(key, `/${action}`), 'fairtrial.transition/1', body)
  await tell(console, access, key, options)
}

async function tell(
  console: Console,
  access: PlaneAccess,
  key: string,
  options: { json?: boolean },
): Promise<void> {
  const view = await askPlane<RolloutView>(access, pathOf(key), 'fairtrial.rollout/1')
  answer(console, options, view, () => rolloutText(key, view))
}
