import { AsyncLocalStorage } from 'node:async_hooks'
import { hashUtf8 } from '@fairtrial/assignment'
import { type Arm, type Measurement, systemClock, systemTimers } from '@fairtrial/exposure'
import { ExperimentError } from '@fairtrial/protocol/error'
import type { Observer, ObserverOptions } from './observer-doors.ts'
import { Series } from './series.ts'

/** An arm with its series by name. */
interface ObservedArm {
  readonly arm: Omit<Measurement, 'name' | 'from' | 'until' | 'accuracy' | 'clusters'>
  readonly series: Map<string, Series>
}

/** A unit in its arm. */
interface ScopedArm {
  readonly observed: ObservedArm
  readonly cluster: number
}

/** Beyond it the squares leave the doubles. */
const LARGEST = 1e150

/** A line of so many bins is less than half of what a recorder's batch holds: it is handed over before its time. */
const MOST_BINS = 20_000

/**
 * Makes an observer; see `Observer`. For Node and what has its AsyncLocalStorage.
 *
 * @throws ExperimentError `invalid-argument`
 */
export function createObserver(options: ObserverOptions): Observer {
  refuseUnusable(options)
  const { recorder, everyMs = 10_000, accuracy = 0.01, maximumSeries = 200 } = options
  const { clock = systemClock, timers = systemTimers } = options
  const storage = new AsyncLocalStorage<readonly ScopedArm[]>()
  const arms = new Map<string, ObservedArm>()
  const seeds = new Map<string, number>()
  const counts = { observed: 0, unattributed: 0, invalid: 0, refused: 0, handedOver: 0, dropped: 0 }
  let open = 0
  let isClosed = false
  let timer: unknown

  function scopeOf(arm: Arm): ScopedArm | null {
    const { experiment, fingerprint, phase, revision, unitType, unitId, variant, reason } = arm
    if (reason !== 'assigned' || variant === null || unitId === null) return null
    const key = keyOf(arm)
    let observed = arms.get(key)
    if (observed === undefined) {
      // Kept for good: there are as many as a process sees revisions of its trials.
      observed = { arm: { experiment, fingerprint, phase, revision, unitType, variant }, series: new Map() }
      arms.set(key, observed)
    }
    return { observed, cluster: hashUtf8(unitId, seedOf(experiment)) >>> 24 }
  }

  /** The cluster has a salt of its own, so that it foretells no arm, and no arm foretells it. */
  function seedOf(experiment: string): number {
    let seed = seeds.get(experiment)
    if (seed === undefined) seeds.set(experiment, (seed = hashUtf8(`measurement\0${experiment}`) >>> 1))
    return seed
  }

  function observe(name: string, value: number): void {
    const scope = storage.getStore()
    if (!isName(name) || !isNumber(value)) {
      counts.invalid += 1
    } else if (scope === undefined || scope.length === 0) {
      counts.unattributed += 1
    } else {
      for (const scoped of scope) add(scoped, name, value)
    }
  }

  function add({ observed, cluster }: ScopedArm, name: string, value: number): void {
    const series = observed.series.get(name) ?? openSeries(observed, name)
    if (series === null) {
      counts.refused += 1
      return
    }
    counts.observed += 1
    series.add(cluster, value)
    if (series.size >= MOST_BINS) handOver(observed, name, series)
  }

  function openSeries(observed: ObservedArm, name: string): Series | null {
    if (isClosed || open >= maximumSeries) return null
    const series = new Series(accuracy, clock.now())
    observed.series.set(name, series)
    open += 1
    return series
  }

  function handOver({ arm }: ObservedArm, name: string, series: Series): void {
    const now = clock.now()
    const from = Math.min(series.openedAt, now)
    const { recorded } = recorder.measure({
      ...arm,
      name,
      from,
      until: now,
      accuracy,
      clusters: series.take(now),
    })
    if (recorded === 'queued') counts.handedOver += 1
    else counts.dropped += 1
  }

  function flush(): void {
    for (const observed of arms.values()) {
      for (const [name, series] of observed.series) {
        if (series.count > 0) {
          handOver(observed, name, series)
          continue
        }
        // Nobody has measured it for a whole while: an arm of an earlier revision, or a name that is not used any more.
        observed.series.delete(name)
        open -= 1
      }
    }
  }

  function wait(): void {
    timer = timers.start(
      () => {
        flush()
        wait()
      },
      everyMs,
      false,
    )
  }

  wait()
  return {
    inScope(given, run) {
      let scope: readonly ScopedArm[]
      try {
        const list: readonly Arm[] = Array.isArray(given) ? given : [given]
        const known = list.map(scopeOf).filter((scoped) => scoped !== null)
        scope = withOuter(storage.getStore(), known, list)
      } catch {
        // No arm at all, or an id that is no text: what is measured is nobody's, and the request goes on.
        scope = []
      }
      return storage.run(scope, run)
    },
    observe,
    flush,
    status: () => ({ ...counts, series: open }),
    close() {
      if (isClosed) return
      timers.stop(timer)
      flush()
      isClosed = true
      for (const { series } of arms.values()) series.clear()
      open = 0
    },
  }
}

const isName = (name: unknown): boolean => typeof name === 'string' && name !== ''
const isNumber = (value: unknown): boolean => typeof value === 'number' && Math.abs(value) <= LARGEST

/** Of an experiment that is in the inner scope too, the inner arm counts: also where it is none. */
function withOuter(
  outer: readonly ScopedArm[] | undefined,
  inner: readonly ScopedArm[],
  given: readonly Arm[],
): readonly ScopedArm[] {
  if (outer === undefined || outer.length === 0) return inner
  const isGiven = ({ observed }: ScopedArm) =>
    given.some(({ experiment }) => experiment === observed.arm.experiment)
  return [...outer.filter((scoped) => !isGiven(scoped)), ...inner]
}

function keyOf(arm: Pick<Arm, 'experiment' | 'phase' | 'revision' | 'variant' | 'fingerprint'>): string {
  return `${arm.experiment} ${arm.variant} ${arm.phase} ${arm.revision} ${arm.fingerprint}`
}

function refuseUnusable(options: ObserverOptions): void {
  const { recorder, everyMs = 10_000, accuracy = 0.01, maximumSeries = 200 } = options
  const refuse = (message: string, remedy: string) => {
    throw new ExperimentError('invalid-argument', message, remedy)
  }
  if (typeof recorder?.measure !== 'function') {
    refuse(
      'The observer has nobody to hand its sums to: `recorder` lacks the function measure.',
      'Give the recorder of the client.',
    )
  }
  if (!(everyMs > 0)) refuse(`everyMs is ${everyMs}.`, 'Give milliseconds above 0.')
  if (!(accuracy > 0 && accuracy < 1)) refuse(`accuracy is ${accuracy}.`, 'Give a share such as 0.01.')
  if (!(maximumSeries >= 1)) refuse(`maximumSeries is ${maximumSeries}.`, 'Give 1 or more.')
}
