// What a client costs that tells OpenTelemetry what it does: nothing to speak of while no SDK is registered, and a count
// where one is.
import { createClient, givenSnapshot } from '@fairtrial/client'
import { instrumentClient } from '@fairtrial/client/otel'
import { snapshotOf, stateFor } from '@fairtrial/client/testing'
import { memorySink } from '@fairtrial/exposure'
import * as api from '@opentelemetry/api'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { homeRow } from './home-row.ts'
import { race } from './race.ts'
import { type Row, row } from './row.ts'

const experiment = homeRow()

const units = Array.from({ length: 1_000 }, (_, i) => ({
  unitType: 'viewer',
  unitId: `user-${(i * 7_919) % 1_000_003}`,
}))

export async function run(): Promise<Row[]> {
  const clients = [0, 1, 2, 3].map((i) =>
    createClient({
      experiments: [experiment],
      source: givenSnapshot(snapshotOf([stateFor(experiment)], { validUntil: 1e12 })),
      sink: memorySink(),
      instanceId: `bench-${i}`,
    }),
  )
  const [plain, unheard, quiet, heard] = clients as [Client, Client, Client, Client]
  const meters = new MeterProvider()
  const withSdk = {
    ...api,
    metrics: { getMeterProvider: () => meters, getMeter: () => meters.getMeter('bench') },
  }
  const told = instrumentClient(unheard)
  const toldQuietly = instrumentClient(quiet, { events: false })
  const counted = instrumentClient(heard, { api: withSdk })
  try {
    const timings = await race({
      assign: (i) => plain.assign(experiment, units[i % 1_000]!),
      'instrumented, no SDK': (i) => told.assign(experiment, units[i % 1_000]!),
      'instrumented without events, no SDK': (i) => toldQuietly.assign(experiment, units[i % 1_000]!),
      'instrumented, counted by an SDK': (i) => counted.assign(experiment, units[i % 1_000]!),
    })
    const benchmark = 'client.assign, heard by OpenTelemetry'
    return [
      row(benchmark, timings, 'assign'),
      row(benchmark, timings, 'instrumented, no SDK', { against: 'assign', target: { atMost: 1.35 } }),
      row(benchmark, timings, 'instrumented without events, no SDK', { against: 'assign' }),
      row(benchmark, timings, 'instrumented, counted by an SDK', { against: 'assign' }),
    ]
  } finally {
    await Promise.all([meters.shutdown(), ...clients.map((client) => client.close())])
  }
}

type Client = ReturnType<typeof createClient>
