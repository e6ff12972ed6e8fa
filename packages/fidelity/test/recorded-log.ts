import { assign, bucketOf, hashUtf8, loadExperiment } from '@fairtrial/assignment'
import { defineExperiment } from '@fairtrial/protocol'
import type { Experiment, ExposureEvent, LogEvent, OutcomeEvent, ProducedArm } from '@fairtrial/protocol'
import { definition, seeded, stateOf } from './synthetic-log.ts'

export const MINUTE = 60_000
/** Noon, so that a log of some hours has hours of the day. */
export const BEGIN = Date.UTC(2026, 0, 5, 12)
const HOURS = 3
/** Five minutes after the last event. */
export const END = BEGIN + HOURS * 60 * MINUTE + 5 * MINUTE

const recorded = {
  ...definition,
  key: 'recorded-ranking',
  holdout: { name: 'all', percent: 2 },
  dimensions: { platform: { known: 'before-exposure' } },
  exclusions: { version: '2026-01', rules: [{ name: 'bots', feature: 'client', in: ['crawler'] }] },
} as const

export const trial: Experiment = defineExperiment(recorded)
/** The same, but of units that met a trigger. */
export const triggeredTrial: Experiment = defineExperiment({ ...recorded, trigger: 'has-session' })
const resalted: Experiment = defineExperiment({ ...recorded, salt: 'another' })

/** One visit of a unit to a service. */
export interface Visit {
  readonly unitId: string
  readonly variant: string
  /** Index of the producer. */
  readonly producer: number
  /** By true time. */
  readonly at: number
  /** `at` as a share of the log's time. */
  readonly share: number
  readonly platform: string
  /** In [0, 1), of the unit: the same at each of its visits. */
  readonly drawn: number
  /** In [0, 1), of the faults' own stream: a log with a fault is the clean one with the fault in it. */
  readonly chance: () => number
}

/** What a service has computed of a unit. */
export type WrittenArm = Pick<ExposureEvent, 'unitId' | 'variant' | 'bucket' | 'seed'>

/** What goes wrong in a log. */
export interface Faults {
  /** The assignment is served, and expose is not called. */
  readonly unexposed?: (visit: Visit) => boolean
  /** The exposure is numbered, and never arrives. */
  readonly lost?: (visit: Visit) => boolean
  /** Further times that the line of the exposure arrives. */
  readonly again?: (visit: Visit) => number
  /** Replaces what the service computes of the unit. */
  readonly alter?: (arm: WrittenArm, visit: Visit) => Partial<WrittenArm>
  /** A unit that is held out is exposed all the same. */
  readonly isLeaked?: (visit: Visit) => boolean
  /** By how much a producer's clock is off, in milliseconds. */
  readonly clock?: (producer: number) => number
  /** Whether a producer never hears of the second revision. */
  readonly isStale?: (producer: number) => boolean
  /** Whether a producer dies, after seven tenths of the time, without a final account. */
  readonly isKilled?: (producer: number) => boolean
  /** Visits that a unit makes, and outcomes of each. */
  readonly visits?: (index: number) => number | undefined
  readonly isSticky?: (visit: Visit) => boolean
  readonly isTriggered?: (visit: Visit) => boolean
  readonly isCrawler?: (visit: Visit) => boolean
}

interface RecordedPlan {
  readonly seed?: number
  readonly units?: number
  readonly producers?: number
  readonly of?: Experiment
  readonly faults?: Faults
}

interface Producer {
  readonly producerId: string
  readonly offsetMs: number
  /** When it hears of the second revision. */
  readonly hearsAt: number
  readonly seen: Set<string>
  readonly arms: Map<string, Counts>
  sequence: number
  reportedAt: number
  offered: number
}

type Counts = { -readonly [Name in keyof ProducedArm]: ProducedArm[Name] }

const PLATFORMS = ['tv', 'tv', 'tv', 'web', 'web', 'phone'] as const

/**
 * A log as recorders behind clients write it, in the order in which it arrives: units that come back, producers with
 * clocks of their own, numbers by arm, contexts, triggers, sticky arms, crawlers that the plan excludes, forced arms, a
 * change of revision half-way, accounts each half hour and at the end.
 */
export function recordedLog(plan: RecordedPlan = {}): LogEvent[] {
  const { seed = 1, units = 2_000, producers = 4, of = trial, faults = {} } = plan
  const [random, chance] = [seeded(seed), seeded(seed + 1e6)]
  const loaded = loadExperiment(of, stateOf(of, 1))
  const services = Array.from(
    { length: producers },
    (_, index): Producer => ({
      producerId: `service-${seed}-${index}`,
      offsetMs: Math.round(2_000 * random() - 1_000) + (faults.clock?.(index) ?? 0),
      hearsAt: BEGIN + (HOURS / 2) * 60 * MINUTE + 30_000 * random(),
      seen: new Set(),
      arms: new Map(),
      sequence: 0,
      reportedAt: BEGIN,
      offered: 0,
    }),
  )
  const arrived: { readonly at: number; readonly event: LogEvent }[] = []

  const visits: { readonly at: number; readonly index: number; readonly nth: number }[] = []
  for (let index = 0; index < units; index++) {
    const many = 1 + Math.floor(-1.2 * Math.log(1 - random()))
    const times = faults.visits?.(index) ?? many
    for (let nth = 0; nth < times; nth++) visits.push({ at: random(), index, nth })
  }
  visits.sort((a, b) => a.at - b.at)

  const send = (event: LogEvent, at: number) => {
    const receivedAt = Math.round(at + 50 - 300 * Math.log(1 - random()))
    arrived.push({ at: receivedAt, event: { ...event, receivedAt } as LogEvent })
  }
  const produced = (service: Producer) => ({
    producerId: service.producerId,
    sequence: ++service.sequence,
    sdk: `fairtrial/1.${services.indexOf(service) % 2}`,
  })
  const report = (service: Producer, at: number, isFinal: boolean) => {
    const arms = [...service.arms.values()].map((arm) => ({ ...arm }))
    const counted = (name: 'deduplicated' | 'offered') => arms.reduce((sum, arm) => sum + arm[name], 0)
    const reportedAt = Math.round(at + service.offsetMs)
    const { offered } = service
    const deduplicated = counted('deduplicated')
    const account = { offered, delivered: offered - deduplicated, deduplicated, dropped: {}, pending: 0 }
    send({ schema: 'fairtrial.producer/1', ...produced(service), reportedAt, isFinal, ...account, arms }, at)
    service.reportedAt = at
  }

  for (const { at: when, index, nth } of visits) {
    const unitId = index % 10 === 0 ? `oglądacz-${seed}-${index}ł` : `viewer-${seed}-${index}`
    const at = BEGIN + when * HOURS * 60 * MINUTE
    const drawnService = Math.floor(random() * producers)
    const isDead = when > 0.7 && faults.isKilled?.(drawnService) === true
    const service = services[isDead ? (drawnService + 1) % producers : drawnService]!
    // What is true of a unit is drawn from its id, so that it is true at each visit.
    const drawn = (salt: number) => bucketOf(hashUtf8(unitId, salt)) / 1e6
    const platform = PLATFORMS[Math.floor(drawn(1) * PLATFORMS.length)]!
    const before = `anonymous-${seed}-${index}`
    const isOften = drawn(2) < 0.05
    const own = assign(loaded, { unitType: 'viewer', unitId })
    const visit: Visit = {
      unitId,
      variant: own.variant ?? '',
      producer: services.indexOf(service),
      at,
      share: when,
      platform,
      drawn: drawn(5),
      chance,
    }
    const earlier = assign(loaded, { unitType: 'viewer', unitId: before })
    const isSticky = faults.isSticky?.({ ...visit, variant: earlier.variant ?? '' }) ?? isOften
    const drawnArm = isSticky ? earlier : own
    // Who is held out is served control, and exposed only by a service that does not ask.
    if (drawnArm.variant === null && faults.isLeaked?.(visit) !== true) continue
    const {
      variant: assigned,
      bucket,
      seed: hashed,
    } = { ...drawnArm, variant: drawnArm.variant ?? 'control' }
    const written = { unitId, variant: assigned, bucket: bucket ?? 0, seed: hashed }
    const { variant, ...arm } = { ...written, ...faults.alter?.(written, { ...visit, variant: assigned }) }
    const met: Visit = { ...visit, variant }
    const counts = countsOf(service, of.key, variant)
    counts.assigned = (counts.assigned ?? 0) + 1
    const isTriggered = faults.isTriggered?.(met) ?? drawn(3) < 0.6
    const isCrawler = faults.isCrawler?.(met) ?? drawn(4) < 0.02
    if (faults.unexposed?.(met) !== true) {
      service.offered += 1
      counts.offered += 1
      const scope = `${unitId}/${variant}`
      if (service.seen.has(scope)) counts.deduplicated += 1
      else {
        service.seen.add(scope)
        counts.numbered += 1
        const event: ExposureEvent = {
          schema: 'fairtrial.exposure/1',
          ...produced(service),
          exposureId: `e/${variant}/${unitId}`,
          experiment: of.key,
          fingerprint: of.fingerprint,
          phase: 1,
          revision: at >= service.hearsAt && faults.isStale?.(met.producer) !== true ? 2 : 1,
          unitType: 'viewer',
          variant,
          ...arm,
          propensity: 0.5,
          reason: index < 3 ? 'overridden' : 'assigned',
          armSequence: counts.numbered,
          ...(isTriggered && { trigger: 'has-session' }),
          ...(isSticky && { assignedAs: before }),
          exposedAt: Math.round(at + service.offsetMs),
          context: { schemaVersion: '1', features: { platform, client: isCrawler ? 'crawler' : 'app' } },
        }
        if (faults.lost?.(met) !== true) send(event, at)
        for (let more = faults.again?.(met) ?? 0; more > 0; more--) send(event, at)
      }
    }
    if (random() < 0.5) {
      service.offered += 1
      const started: OutcomeEvent = {
        schema: 'fairtrial.outcome/1',
        ...produced(service),
        outcomeId: `o/${unitId}/${nth}`,
        name: 'started',
        unitType: 'viewer',
        unitId,
        value: 1,
        occurredAt: Math.round(at + 2_000 + service.offsetMs),
      }
      send(started, at + 2_000)
    }
    if (at - service.reportedAt > 30 * MINUTE) report(service, at + 3_000, false)
  }
  for (const [index, service] of services.entries())
    if (faults.isKilled?.(index) !== true) report(service, END - 4 * MINUTE, true)
  return arrived.toSorted((a, b) => a.at - b.at).map(({ event }) => event)
}

function countsOf({ arms }: Producer, experiment: string, variant: string): Counts {
  let counts = arms.get(variant)
  if (counts === undefined) {
    counts = {
      experiment,
      phase: 1,
      variant,
      assigned: 0,
      offered: 0,
      numbered: 0,
      deduplicated: 0,
      dropped: 0,
    }
    arms.set(variant, counts)
  }
  return counts
}

/** What a service with another salt writes of a unit. */
export function withAnotherSalt({ unitId }: WrittenArm): Partial<WrittenArm> {
  const { variant, bucket, seed } = assign(loadExperiment(resalted, stateOf(resalted, 1)), {
    unitType: 'viewer',
    unitId,
  })
  return variant === null || bucket === null ? {} : { variant, bucket, seed }
}

/**
 * What a service writes that hashes UTF-16 units and drops their upper bytes, as murmurhash3js does of a raw string. The
 * ids of these logs have such characters only whose lower byte is ASCII, so that the bytes can be written as text.
 */
export function hashedRaw({ unitId, seed }: WrittenArm): Partial<WrittenArm> {
  const bytes = [...unitId].map((character) => String.fromCharCode(character.charCodeAt(0) & 0xff)).join('')
  const bucket = bucketOf(hashUtf8(bytes, seed))
  return { bucket, variant: bucket < 500_000 ? 'control' : 'model' }
}
