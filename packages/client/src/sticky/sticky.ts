import { lacksConsent, systemTimers, type Timers } from '@fairtrial/exposure'
import type { Assignment, AssignmentReason, Experiment, Unit, Variant } from '@fairtrial/protocol'
import type { Client } from '../client-doors.ts'
import type { AssignOptions } from '../draw-arm.ts'
import { refuse, refuseLacking } from '../refusals.ts'
import { stickyPolicy, type StickyPolicy, type WholeStickyPolicy } from './sticky-policy.ts'
import { parseStickyRecord, type StickyRecord } from './sticky-record.ts'
import type { StickyStore } from './sticky-store.ts'

/** What sticky assignment is made of. */
export interface StickyOptions {
  readonly client: Client
  readonly store: StickyStore
  /** By experiment. Default: within its phase. */
  readonly policies?: { readonly [experiment: string]: StickyPolicy }
  /** The longest that a call waits for the store, in milliseconds. Default 50. */
  readonly deadlineMs?: number
  /** How long an arm is remembered after it was first met, in milliseconds. Default 90 days. */
  readonly keepMs?: number
  /** Calls that may wait for the store at once; any more do without it. Default 1,000. */
  readonly maximumWaiting?: number
  readonly timers?: Timers
}

/** Who the unit was before, where it has changed its id. */
export interface StickyUnit {
  /** The id that it had until now: that of the device, before a login. */
  readonly before?: string | null | undefined
  /** As `AssignOptions` has it. Without consent the store is neither asked nor told. */
  readonly consent?: boolean | undefined
}

/** Assigns arms that stay with a unit though its id changes. */
export interface Sticky {
  /**
   * The arm of a unit, as `client.assign` gives it; where the unit, or who it was before, has met an arm already, that
   * arm, computed from the id that it was computed from then. Never rejects, and waits no longer than the deadline.
   */
  assign<V extends Variant, M extends string>(
    experiment: Experiment<V, M>,
    unit: Unit,
    sticky?: StickyUnit,
  ): Promise<Assignment<V>>
  /** What has become of the calls. */
  status(): StickyStatus
}

/** Calls of `assign` by what the store had to say, and what went wrong with it. */
export interface StickyStatus {
  /** Met for the first time, and remembered. */
  readonly remembered: number
  /** Computed from an earlier id of the unit: the fallback whose bias the audit states. */
  readonly fellBack: number
  /** Kept from an earlier phase. */
  readonly carried: number
  /** Forgotten, or served control, for an older version. */
  readonly purged: number
  readonly blocked: number
  /** The store rejected. Without its answer a unit is drawn by its own id. */
  readonly failures: number
  /** The store did not answer within the deadline. */
  readonly late: number
  /** Too many calls were waiting for the store. */
  readonly shed: number
  /** What the store held was no record of ours; it is written over. */
  readonly malformed: number
  /** What the store said last, where it rejected; null while it has not. */
  readonly lastFailure: string | null
}

/**
 * Makes assignment sticky by a store.
 *
 * @throws ExperimentError `invalid-argument` for a policy or a limit that cannot be
 */
export function createSticky(options: StickyOptions): Sticky {
  const { client, store, timers = systemTimers } = options
  const { deadlineMs = 50, keepMs = 90 * 86_400_000, maximumWaiting = 1_000 } = options
  for (const [name, limit] of Object.entries({ deadlineMs, keepMs, maximumWaiting })) {
    if (limit > 0) continue
    refuse(name, String(limit), 'Give a number above 0.')
  }
  refuseLacking('client', client, ['assign', 'preview'], 'Give createClient({ … }).')
  const policies = new Map<string, WholeStickyPolicy>()
  for (const [key, policy] of Object.entries(options.policies ?? {}))
    policies.set(key, stickyPolicy(key, policy))

  const counts = {
    remembered: 0,
    fellBack: 0,
    carried: 0,
    purged: 0,
    blocked: 0,
    failures: 0,
    late: 0,
    shed: 0,
    malformed: 0,
  }
  let lastFailure: string | null = null
  let waiting = 0

  async function recall(key: string | null): Promise<Recollection> {
    const text = key === null ? null : await store.read(key)
    if (text === null) return { isThere: false, record: null }
    const record = parseStickyRecord(text)
    if (record === undefined) counts.malformed += 1
    return { isThere: true, record: record ?? null }
  }

  /** What the client is to be told of a unit that is remembered so; undefined where the memory does not count. */
  function follow({ record }: Recollection, { own, experiment, policy }: Call): AssignOptions | undefined {
    if (record === null) return undefined
    const { assignedAs, variant } = record
    if (record.version < policy.minimumVersion) {
      if (policy.olderVersions === 'block') return { variant: experiment.control }
      counts.purged += 1
      return undefined
    }
    if (record.phase === own.phase && record.fingerprint === own.fingerprint) return { assignedAs }
    const isKept =
      policy.keeps === 'across-phases' && experiment.variants.some(({ name }) => name === variant)
    return isKept ? { assignedAs, variant } : undefined
  }

  /** Asks the store, and notes in `found` what the client is to be told, as soon as it is known. */
  async function ask(call: Call, found: Found): Promise<void> {
    const { own, earlierId, experiment, unit, policy } = call
    const key = keyOf(own, own.unitId, policy)
    const earlierKey = earlierId === null ? null : keyOf(own, earlierId, policy)
    const [mine, earlier] = await Promise.all([recall(key), recall(earlierKey)])
    found.options = follow(mine, call)
    if (found.options !== undefined) return
    found.options = follow(earlier, call)
    if (found.isOver) return
    // What was met in an earlier phase stays remembered as of then; what is met now is remembered as it is met.
    const arm = client.preview(experiment, unit, found.options)
    const isDrawn = arm.reason === 'assigned'
    if (!isDrawn && !(found.options?.assignedAs !== undefined && found.options.variant !== undefined)) return
    const value = isDrawn ? recordOf(arm, policy) : earlier.record
    const isWritten = await store.write(key, JSON.stringify(value), { onlyIfAbsent: !mine.isThere, keepMs })
    if (isWritten) counts.remembered += 1
    // Another instance was first, with another earlier id perhaps: what it has written holds for both.
    else found.options = follow(await recall(key), call) ?? found.options
  }

  /** What the store knows by the deadline. What it says later changes nothing. */
  async function optionsFor(call: Call): Promise<AssignOptions | undefined> {
    if (waiting >= maximumWaiting) {
      counts.shed += 1
      return undefined
    }
    const found: Found = { options: undefined, isOver: false }
    waiting += 1
    const asked = ask(call, found)
      .catch((error: unknown) => {
        counts.failures += 1
        lastFailure = error instanceof Error ? error.message : `with ${typeof error} for an error`
      })
      .finally(() => {
        waiting -= 1
      })
    let timer: unknown
    const late = new Promise<void>((resolve) => {
      timer = timers.start(
        () => {
          found.isOver = true
          counts.late += 1
          resolve()
        },
        deadlineMs,
        true,
      )
    })
    await Promise.race([asked, late])
    timers.stop(timer)
    return found.options
  }

  return {
    async assign(experiment, unit, told = {}) {
      if (lacksConsent(told)) return client.assign(experiment, unit, { consent: false })
      const { before } = told
      const own = client.preview(experiment, unit) as Assignment
      if (own.unitId === null || !DRAWN.has(own.reason)) return client.assign(experiment, unit)
      const earlier =
        typeof before === 'string' ? client.preview(experiment, { ...unit, unitId: before }) : null
      const policy = policies.get(own.experiment) ?? DEFAULT_POLICY
      const plain = experiment as unknown as Experiment
      const options = await optionsFor({
        own,
        earlierId: earlier?.unitId ?? null,
        experiment: plain,
        unit,
        policy,
      })
      const arm = client.assign(experiment, unit, options)
      if (arm.reason === 'overridden' && options?.variant !== undefined) {
        counts[options.assignedAs === undefined ? 'blocked' : 'carried'] += 1
      } else if (arm.assignedAs !== undefined) counts.fellBack += 1
      return arm
    },
    status: () => ({ ...counts, lastFailure }),
  }
}

/** One unit on its way to an arm. */
interface Call {
  /** What the unit would be given by its own id. */
  readonly own: Assignment
  readonly earlierId: string | null
  readonly experiment: Experiment
  readonly unit: Unit
  readonly policy: WholeStickyPolicy
}

/** What the store holds under a key. */
interface Recollection {
  readonly isThere: boolean
  /** Null where nothing is there, or nothing of ours. */
  readonly record: StickyRecord | null
}

interface Found {
  options: AssignOptions | undefined
  /** Nobody waits any more: what would now be written would hold for the next call, and not for this one. */
  isOver: boolean
}

const DEFAULT_POLICY = stickyPolicy('')

/** Reasons that say something of the unit. All others hold for everybody, and need no memory. */
const DRAWN: ReadonlySet<AssignmentReason> = new Set([
  'assigned',
  'held-out',
  'outside-layer',
  'not-eligible',
  'outside-traffic',
])

function keyOf(own: Assignment, unitId: string | null, { keeps }: WholeStickyPolicy): string {
  const phase = keeps === 'within-phase' ? own.phase : null
  return JSON.stringify(['fairtrial.sticky/1', own.experiment, phase, own.unitType, unitId])
}

function recordOf(arm: Assignment, { version }: WholeStickyPolicy): StickyRecord {
  const { phase, fingerprint } = arm
  const [assignedAs, variant] = [arm.assignedAs ?? arm.unitId ?? '', arm.variant ?? '']
  return { schema: 'fairtrial.sticky/1', assignedAs, phase, fingerprint, variant, version }
}
