import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LogEvent } from '@fairtrial/protocol'
import { sampleExposure, sampleOutcome } from '@fairtrial/exposure/testing'
import { afterEach } from 'vitest'
import { type ControlPlaneOptions, startControlPlane } from '../src/control-plane.ts'
import { experiment } from './trial.ts'

/** A control plane in this process, on a port of loopback, with a directory of its own. */
export async function localPlane(options: Partial<ControlPlaneOptions> = {}) {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'fairtrial-plane-')))
  const lines: string[] = []
  const controlPlane = await startControlPlane({
    experiments: [experiment],
    leaseMs: 60_000,
    tickMs: 20,
    onChangedDefinition: 'refuse',
    log: (line) => lines.push(line),
    ...options,
    directory,
  })
  const { plane, routes } = controlPlane
  const url = await controlPlane.listen(0)
  return {
    directory,
    url,
    plane,
    routes,
    lines,
    get: (path: string, headers: Record<string, string> = {}) => fetch(`${url}${path}`, { headers }),
    post: (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      }),
    close: controlPlane.close,
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

/** The same, for a file whose tests leave theirs open: all are closed after each test, and then their directories removed. */
export function localPlanes(): typeof localPlane {
  const opened: Awaited<ReturnType<typeof localPlane>>[] = []
  afterEach(async () => {
    const planes = opened.splice(0)
    for (const plane of planes) await plane.close()
    // Some had one directory after the other.
    for (const plane of planes) await plane.remove()
  })
  return async (options) => {
    const plane = await localPlane(options)
    opened.push(plane)
    return plane
  }
}

export const NDJSON = { 'content-type': 'application/x-ndjson' }

/** An exposure to the new model and an outcome of each viewer, as one producer numbers them. */
export function eventsOf(viewers: readonly string[], producerId = 'service-1'): LogEvent[] {
  const { key, fingerprint } = experiment
  const arm = { experiment: key, fingerprint, variant: 'new' }
  return viewers.flatMap((unitId, i) => [
    sampleExposure({ ...arm, unitId, exposureId: `of ${unitId}`, producerId, sequence: 2 * i + 1 }),
    sampleOutcome({ unitId, producerId, sequence: 2 * i + 2, outcomeId: `${producerId}:${2 * i + 2}` }),
  ])
}

export function batch(events: readonly LogEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('')
}
