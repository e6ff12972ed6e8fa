import type { Meter } from '@opentelemetry/api'
import type { Client } from '../client-doors.ts'

/** How fresh the state is that a client serves by. */
export function observeConfig(meter: Meter, client: Client): void {
  const seconds = { 'config.age': 'ageMs', 'config.lease': 'leaseLeftMs' } as const
  const descriptions = {
    'config.age': 'Since the source of the state last answered.',
    'config.lease': 'What the lease on the state has left; at 0 control is served.',
  }
  for (const name of ['config.age', 'config.lease'] as const) {
    meter
      .createObservableGauge(`experiment.${name}`, { unit: 's', description: descriptions[name] })
      .addCallback((result) => {
        const ms = client.status()[seconds[name]]
        if (ms !== null) result.observe(ms / 1_000)
      })
  }
  meter
    .createObservableCounter('experiment.config.reload', {
      unit: '{reload}',
      description: 'Times that the source was asked, by whether it answered.',
    })
    .addCallback((result) => {
      const { polls, failures } = client.status().source
      result.observe(polls - failures, { outcome: 'success' })
      result.observe(failures, { outcome: 'failure' })
    })
}
