import type { Experiment } from '@fairtrial/protocol'
import type { TrafficCount } from './traffic.ts'
import type { View } from './view.ts'

/** How often a waiting rollout is told about where there is no terminal to draw on. */
const QUIET_MS = 2000

/**
 * Tells a rollout as it goes: a line for every change of what is decided; between them a progress display that
 * redraws itself on a terminal, and now and then a plain line elsewhere.
 */
export function createTimeline(options: {
  readonly experiment: Experiment
  readonly out: NodeJS.WriteStream
  readonly elapsedMs: () => number
}) {
  const { experiment, out, elapsedMs } = options
  let told = ''
  let toldAt = Number.NEGATIVE_INFINITY

  const clear = () => out.isTTY && out.write('\r\x1b[2K')
  const line = (text: string) => {
    clear()
    out.write(`${(elapsedMs() / 1000).toFixed(1).padStart(6)} s  ${text}\n`)
    toldAt = elapsedMs()
  }

  return {
    line,
    show(view: View, traffic: TrafficCount): void {
      const { state, decision } = view
      const now = `${state.revision} ${decision?.action} ${decision?.rule}`
      const status = statusOf(experiment, view)
      if (now !== told || (!out.isTTY && elapsedMs() - toldAt > QUIET_MS)) {
        told = now
        line(`${status}  ${decision ? `${decision.action}: ${decision.reasons[0]}` : state.cause}`)
      }
      if (out.isTTY) {
        clear()
        out.write(
          `${(elapsedMs() / 1000).toFixed(1).padStart(6)} s  ${rampOf(experiment, view)}  ${traffic.viewers} viewers`,
        )
      }
    },
    end: () => void clear(),
  }
}

function statusOf(experiment: Experiment, { state }: View): string {
  const stage = `stage ${state.stage + 1}/${experiment.ramp.stages.length}`
  return `${state.status.padEnd(8)} ${stage}  ${String(state.trafficPercent).padStart(3)} %`
}

/** The ramp as a bar: what is enrolled now, and what is known in each arm. */
function rampOf(experiment: Experiment, { state, evaluation }: View): string {
  const filled = Math.round(state.trafficPercent / 5)
  const units = Object.entries(evaluation?.units ?? {}).map(([variant, n]) => `${variant} ${n}`)
  return `[${'█'.repeat(filled)}${'░'.repeat(20 - filled)}] ${statusOf(experiment, { state } as View)}  ${units.join(' · ')}`
}
