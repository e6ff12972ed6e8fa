import type { RolloutState } from '@fairtrial/protocol'
import type { Tell } from '../notice.ts'
import type { Plane } from '../plane.ts'
import type { Answered } from '../server.ts'
import { createCounter } from './counter.ts'
import type { Metric } from './metric.ts'

/** Counts what happens, for whoever scrapes. */
export interface PlaneMetrics {
  readonly take: Tell
  readonly answered: (answer: Answered) => void
  read(plane: Plane): readonly Metric[]
}

export function countPlane(): PlaneMetrics {
  const requests = createCounter('fairtrial_requests_total', 'Requests answered, by route and status.')
  const ticks = createCounter('fairtrial_ticks_total', 'Turns of the loops, by how the look went.')
  const decisions = createCounter(
    'fairtrial_decisions_total',
    'Decisions, by action and the rule that fired.',
  )
  const transitions = createCounter('fairtrial_transitions_total', 'Changes of state, by who made them.')
  const states = new Map<string, RolloutState>()
  /** A look that began before an abort ends after it. */
  const note = (key: string, state: RolloutState) => {
    if (state.revision >= (states.get(key)?.revision ?? 0)) states.set(key, state)
  }
  const proofs = new Map<string, { readonly seconds: number; readonly servedSeconds: number }>()
  const violated = new Map<string, number>()

  return {
    answered({ route, status }) {
      requests.add({
        route: route === null ? 'none' : `${route.method} ${route.path}`,
        status: String(status),
      })
    },
    take(notice) {
      switch (notice.kind) {
        case 'definition':
          note(notice.experiment.key, notice.state)
          return
        case 'tick': {
          const { key: experiment } = notice.experiment
          const { state, decision, error } = notice.result
          if (state !== null) note(experiment, state)
          ticks.add({ experiment, look: error === null ? 'succeeded' : 'failed' })
          if (decision !== null) decisions.add({ experiment, action: decision.action, rule: decision.rule })
          return
        }
        case 'transition': {
          const { experiment, role, transition } = notice
          note(experiment, transition.to)
          transitions.add({ experiment, by: role === 'controller' ? 'controller' : 'operator' })
          return
        }
        case 'order-refused':
          return
        case 'proof': {
          const { experiment, proof, at } = notice
          violated.set(experiment, proof.violated.length)
          const changedAt = states.get(experiment)?.changedAt ?? at
          if (proof.proved) {
            const servedSeconds = proof.servedForMs / 1000
            proofs.set(experiment, { seconds: ((proof.provedAt ?? at) - changedAt) / 1000, servedSeconds })
          }
        }
      }
    },
    read(plane) {
      const now = plane.now()
      const gauge = (name: string, help: string, values: Iterable<readonly [string, number]>): Metric => ({
        name,
        help,
        type: 'gauge',
        samples: [...values].map(([experiment, value]) => ({ labels: { experiment }, value })),
      })
      const ofStates = (read: (state: RolloutState) => number) =>
        [...states].map(([key, state]) => [key, read(state)] as const)
      return [
        requests.read(),
        ticks.read(),
        decisions.read(),
        transitions.read(),
        gauge(
          'fairtrial_tick_age_seconds',
          'Since the last turn of the loop.',
          plane.lastTicks().map(({ experiment, result }) => [experiment.key, (now - result.at) / 1000]),
        ),
        gauge(
          'fairtrial_rollout_revision',
          'Of the state in force.',
          ofStates(({ revision }) => revision),
        ),
        gauge(
          'fairtrial_rollout_traffic_percent',
          'Share of eligible units in the trial.',
          ofStates(({ trafficPercent }) => trafficPercent),
        ),
        gauge(
          'fairtrial_state_age_seconds',
          'Since the state was changed.',
          ofStates(({ changedAt }) => (now - changedAt) / 1000),
        ),
        {
          name: 'fairtrial_rollout_status',
          help: 'Where a rollout stands: 1 for its status.',
          type: 'gauge',
          samples: [...states].map(([experiment, { status }]) => ({
            labels: { experiment, status },
            value: 1,
          })),
        },
        gauge(
          'fairtrial_rollback_proved_seconds',
          'From a rollback to its proof.',
          [...proofs].map(([key, { seconds }]) => [key, seconds]),
        ),
        gauge(
          'fairtrial_rollback_served_seconds',
          'From a rollback to the last treatment served.',
          [...proofs].map(([key, { servedSeconds }]) => [key, servedSeconds]),
        ),
        gauge(
          'fairtrial_rollback_violations',
          'Instances that served a treatment after they had acknowledged its rollback.',
          violated,
        ),
        {
          name: 'fairtrial_instances',
          help: 'Instances that hold a lease, or lately held one.',
          type: 'gauge',
          samples: [{ value: plane.instanceCount() }],
        },
        {
          name: 'fairtrial_events_total',
          help: 'Lines of batches, by what became of them.',
          type: 'counter',
          samples: Object.entries(plane.ingestCounts()).map(([result, value]) => ({
            labels: { result },
            value,
          })),
        },
      ]
    },
  }
}
