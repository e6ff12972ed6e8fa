import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import type { Arm, Recorder } from '@fairtrial/exposure'

/** Exposures between two turns of the event loop, and what may wait: a queue holds 10,000. */
const BURST = 250
const MOST_PENDING = 5_000
/** A recorder's default. */
const BATCH = 500

/** An arm in hand, of another unit for each index. */
export function armAt(index: number): Arm {
  return {
    experiment: 'home-ranking',
    unitType: 'viewer',
    unitId: `viewer-${index}`,
    reason: 'assigned',
    variant: index % 2 === 0 ? 'control' : 'session-model',
    bucket: (index * 7907) % 1_000_000,
    seed: 2_895_634_211,
    propensity: 0.5,
    treatmentVersion: index % 2 === 0 ? null : 'ranker-2026-11',
    fingerprint: '3f5c1d8f5c2b4b0e9d7a6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a392817',
    phase: 1,
    revision: 3,
  }
}

/** Exposes so many units as a service does, while others are delivered, and no quicker than that goes. */
export async function exposeAll(recorder: Recorder, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    recorder.expose(armAt(i))
    if (i % BURST < BURST - 1) continue
    await turn()
    while (recorder.account().pending > MOST_PENDING) await sleep(1)
  }
}

/** The batches that come of it. */
export function batchSizes(count: number): number[] {
  const sizes: number[] = []
  for (let rest = count; rest > 0; rest -= sizes.at(-1)!) sizes.push(Math.min(rest, BATCH))
  return sizes
}
