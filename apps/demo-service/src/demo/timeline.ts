import type { Experiment, RolloutState } from '@fairtrial/protocol'
import type { TrafficCount } from './traffic.ts'
import { reachOf, type View } from './view.ts'

/** How often a waiting rollout is told about where there is no terminal to draw on. */
const QUIET_MS = 2000

/** Where the timeline is written. */
export interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/**
 * Tells a rollout as it goes: a line for every transition, with its own cause; between them a progress display
 * that redraws itself on a terminal, and now and then a plain line elsewhere.
 */
export function createTimeline(options: {
  readonly experiment: Experiment
  readonly out: Output
  readonly elapsedMs: () => number
}) {
  const { experiment, out, elapsedMs } = options
  let toldRevision = 0
  let toldAt = Number.NEGATIVE_INFINITY

  const clear = () => out.isTTY === true && out.write('\r\x1b[2K')
  const time = () => `${(elapsedMs() / 1000).toFixed(1).padStart(6)} s`
  const line = (text: string) => {
    clear()
    out.write(`${time()}  ${text}\n`)
    toldAt = elapsedMs()
  }
  const statusOf = (state: RolloutState) => {
    const stage = `stage ${state.stage + 1}/${experiment.ramp.stages.length}`
    return `${state.status.padEnd(8)} ${stage} ${String(reachOf(state)).padStart(4)} %`
  }

  /** The ramp as a bar: whom the treatment may reach now, and what is known in each arm, as far as there is room. */
  function draw({ state, evaluation }: View, { viewers }: TrafficCount): void {
    const filled = Math.round(reachOf(state) / 10)
    const bar = `[${'█'.repeat(filled)}${'░'.repeat(10 - filled)}]`
    const units = Object.entries(evaluation?.units ?? {}).map(([variant, n]) => `${variant} ${n}`)
    let text = `${time()}  ${bar} ${statusOf(state)}`
    for (const part of [...units, `${viewers} viewers`]) {
      if (text.length + 2 + part.length < (out.columns ?? 120)) text += `  ${part}`
    }
    clear()
    out.write(text)
  }

  return {
    line,
    show(view: View, traffic: TrafficCount): void {
      for (const { to, decision, reason } of view.transitions) {
        if (to.revision <= toldRevision) continue
        toldRevision = to.revision
        line(`${statusOf(to)}  ${decision?.action ?? 'start'}: ${reason}`)
      }
      const { state, decision } = view
      if (out.isTTY === true) draw(view, traffic)
      else if (decision?.revision === state.revision && elapsedMs() - toldAt > QUIET_MS) {
        line(`${statusOf(state)}  ${decision.action}: ${decision.reasons[0]}`)
      }
    },
    end: () => void clear(),
  }
}
