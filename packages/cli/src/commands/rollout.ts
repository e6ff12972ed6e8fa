import { ExperimentError, type Decision, type RolloutState, type TransitionEvent } from '@fairtrial/protocol'
import type { RollbackProof } from '@fairtrial/rollout'
import { answer, type Console } from '../console.ts'

export interface RolloutOptions {
  /** Where the control plane listens. */
  readonly control: string
  readonly json?: boolean
}

/** What the control plane tells of one rollout. */
interface RolloutView {
  readonly state: RolloutState
  readonly decision: Decision | null
  readonly proof: RollbackProof | null
}

/** `fairtrial rollout status KEY`. */
export async function status(console: Console, key: string, options: RolloutOptions): Promise<void> {
  const view = await ask<RolloutView>(options.control, `/v1/experiments/${encodeURIComponent(key)}`)
  answer(console, options, { schema: 'fairtrial.rollout-status/1', ...view }, () => viewText(view))
}

/** `fairtrial rollout abort KEY --reason TEXT`: takes the treatment back at once, by hand. */
export async function abort(
  console: Console,
  key: string,
  options: RolloutOptions & { readonly reason: string; readonly by: string },
): Promise<void> {
  const transition = await ask<TransitionEvent>(
    options.control,
    `/v1/experiments/${encodeURIComponent(key)}/abort`,
    {
      reason: options.reason,
      by: options.by,
    },
  )
  answer(
    console,
    options,
    transition,
    () => `${key} is aborted at revision ${transition.to.revision}. ${transition.reason}`,
  )
}

async function ask<T extends object>(control: string, path: string, body?: object): Promise<T> {
  const post = body && {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
  let response: Response
  try {
    response = await fetch(new URL(path, control), { ...post, signal: AbortSignal.timeout(10_000) })
  } catch (error) {
    throw new ExperimentError(
      'unreachable',
      `The control plane at ${control} cannot be reached: ${(error as Error).message}.`,
      'Check --control, and that it runs. Leases end by themselves: a service that it does not reach withdraws every treatment.',
      { cause: error },
    )
  }
  const answered = (await response.json().catch(() => null)) as { detail?: string; remedy?: string } | null
  if (!response.ok || answered === null) {
    throw new ExperimentError(
      'refused',
      `The control plane answered ${response.status}: ${answered?.detail ?? 'no detail'}`,
      answered?.remedy ?? '',
    )
  }
  return answered as T
}

function viewText({ state, decision, proof }: RolloutView): string {
  const lines = [
    `${state.experiment}: ${state.status}, stage ${state.stage + 1}, ${state.trafficPercent} % of traffic, ` +
      `phase ${state.phase}, revision ${state.revision}`,
    `  ${state.cause}`,
  ]
  if (decision)
    lines.push(`  last decision: ${decision.action}`, ...decision.reasons.map((reason) => `    ${reason}`))
  if (proof)
    lines.push(
      proof.proved ? '  rollback proved' : `  rollback not proved yet: ${proof.waitingFor.join(' ')}`,
    )
  return lines.join('\n')
}
