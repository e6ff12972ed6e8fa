import {
  ExperimentError,
  type AuditReport,
  type Decision,
  type RolloutState,
  type TransitionEvent,
} from '@fairtrial/protocol'
import type { RollbackProof } from '@fairtrial/rollout'
import { answer, type Console } from '../console.ts'
import { wrap } from '../text/wrap.ts'

export interface RolloutOptions {
  /** Where the control plane listens. */
  readonly control: string
  readonly json?: boolean
}

/** What the control plane tells of one rollout, as far as people are told; `--json` hands all of it on. */
interface RolloutView {
  readonly schema: 'fairtrial.rollout/1'
  readonly state: RolloutState | null
  readonly decision: Decision | null
  readonly audit: AuditReport | null
  readonly proof: RollbackProof | null
  readonly transitions: readonly TransitionEvent[]
  /** Why the last look failed. */
  readonly error: string | null
}

/** A rollback waits for a log that is slow, not for a plane that is dead. */
const TIMEOUT_MS = 10_000

/** `fairtrial rollout status KEY`. */
export async function status(console: Console, key: string, options: RolloutOptions): Promise<void> {
  const view = await ask(options.control, `/v1/experiments/${encodeURIComponent(key)}`)
  answer(console, options, view, () => viewText(key, view))
}

/** `fairtrial rollout abort KEY --reason TEXT`: takes the treatment back at once, by hand. */
export async function abort(
  console: Console,
  key: string,
  options: RolloutOptions & { readonly reason: string; readonly by: string },
): Promise<void> {
  const { by, reason } = options
  const view = await ask(options.control, `/v1/experiments/${encodeURIComponent(key)}/abort`, { by, reason })
  answer(console, options, view, () => viewText(key, view))
}

async function ask(control: string, path: string, body?: object): Promise<RolloutView> {
  const post = body && {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
  let response: Response
  let answered: unknown
  try {
    response = await fetch(control.replace(/\/$/, '') + path, {
      ...post,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    answered = await response.json().catch(() => null)
  } catch (error) {
    const { message, cause } = error as Error
    throw unreachable(
      `cannot be reached: ${cause instanceof Error && cause.message ? cause.message : message}.`,
      control,
      error,
    )
  }
  if (response.ok && isView(answered)) return answered
  const { detail, remedy } = (answered ?? {}) as { detail?: string; remedy?: string }
  if (response.ok || response.status >= 500 || detail === undefined) {
    throw unreachable(
      `answered ${response.status}: ${detail ?? 'that is not a control plane of fairtrial.'}`,
      control,
    )
  }
  throw new ExperimentError('refused', `The control plane refuses: ${detail}`, remedy ?? '')
}

function unreachable(what: string, control: string, cause?: unknown): ExperimentError {
  return new ExperimentError(
    'unreachable',
    `The control plane at ${control} ${what}`,
    'Check --control, and that it runs. Leases end by themselves: a service that it does not reach withdraws every treatment.',
    { cause },
  )
}

function isView(value: unknown): value is RolloutView {
  return (value as { schema?: unknown } | null)?.schema === 'fairtrial.rollout/1'
}

function viewText(key: string, { state, decision, audit, proof, error }: RolloutView): string {
  if (state === null) return `${key}: no state yet`
  const { status, stage, trafficPercent, phase, revision, cause } = state
  const lines = [
    `${key}: ${status}, stage ${stage + 1}, ${trafficPercent} % of traffic, phase ${phase}, revision ${revision}`,
    wrap(cause, '  '),
  ]
  if (decision) {
    lines.push(`  last decision: ${decision.action}`)
    lines.push(...decision.reasons.map((reason) => wrap(reason, '    ')))
  }
  if (audit) lines.push(`  audit: ${audit.verdict}`)
  if (proof) lines.push(...proofLines(proof))
  if (error !== null) lines.push(wrap(`the last look failed: ${error}`, '  '))
  return lines.join('\n')
}

function proofLines({ proved, servedForMs, waitingFor, violated }: RollbackProof): string[] {
  if (proved) return [`  rollback proved; the last treatment was served ${servedForMs} ms after the abort`]
  return ['  rollback not proved', ...[...violated, ...waitingFor].map((sentence) => wrap(sentence, '    '))]
}
