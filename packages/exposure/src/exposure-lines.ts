import type { Assignment } from '@fairtrial/protocol'
import type { ArmCount, ArmCounts } from './arm-counts.ts'
import { type ExposureIdWriter, exposureIdWriter, shareOfId } from './exposure-digest.ts'
import { LineBuffer } from './line-buffer.ts'

/** What an exposure needs of an assignment: all of it but the config. */
export type Arm = Omit<Assignment, 'config'>

/**
 * Writes exposures by hand: whatever is the same for all units of an arm is escaped once, and a line is that
 * head with a few values behind it.
 */
export class ExposureLines {
  readonly #producer: string
  readonly #counts: ArmCounts
  readonly #heads = new Map<string, ExposureHead[]>()
  #latest: ExposureHead | undefined

  /** @param producer names the writer in every line, see `producerFields` */
  constructor(producer: string, counts: ArmCounts) {
    this.#producer = producer
    this.#counts = counts
  }

  /** What is the same for all units of this arm that meet this trigger. Undefined for no proper arm. */
  head(arm: Arm, trigger: string | undefined): ExposureHead | undefined {
    if (this.#latest?.fits(arm, trigger)) return this.#latest
    for (const head of this.#heads.get(arm.fingerprint) ?? []) {
      if (head.fits(arm, trigger)) return (this.#latest = head)
    }
    return isProper(arm, trigger) ? (this.#latest = this.#addHead(arm, trigger)) : undefined
  }

  #addHead(arm: ProperArm, trigger: string | undefined): ExposureHead {
    let heads = this.#heads.get(arm.fingerprint)
    if (heads === undefined) {
      if (this.#heads.size >= MAXIMUM_DEFINITIONS) this.#heads.clear()
      heads = []
      this.#heads.set(arm.fingerprint, heads)
    }
    if (heads.length >= MAXIMUM_HEADS) heads.shift()
    const head = new ExposureHead(arm, trigger, this.#producer, this.#counts)
    heads.push(head)
    return head
  }
}

/** Definitions whose heads are kept, and heads a definition: its variants and triggers at the latest revisions. */
const MAXIMUM_DEFINITIONS = 2_000
const MAXIMUM_HEADS = 48

/** More than the names and numbers behind the head can take. */
const FIELD_BYTES = 240

/** The part of a line that the units of an arm share. */
export class ExposureHead {
  /** What is exposed once only: the arm, apart from its revision and version, at one trigger. */
  readonly scope: string
  readonly count: ArmCount
  readonly #line: LineBuffer
  readonly #writeId: ExposureIdWriter
  readonly #arm: Arm
  readonly #trigger: string | undefined

  constructor(arm: ProperArm, trigger: string | undefined, producer: string, counts: ArmCounts) {
    const { experiment, fingerprint, phase, revision, unitType, variant, seed, propensity, reason } = arm
    const fields = {
      schema: 'fairtrial.exposure/1',
      experiment,
      fingerprint,
      phase,
      revision,
      unitType,
      variant,
      seed,
      propensity,
      reason,
      ...(typeof arm.treatmentVersion === 'string' && { treatmentVersion: arm.treatmentVersion }),
      ...(trigger !== undefined && { trigger }),
    }
    // A forced arm is no other exposure's repetition: it has ids and a scope of its own.
    const met = reason === 'overridden' ? `overridden:${variant}` : variant
    this.scope = JSON.stringify([experiment, phase, met, trigger])
    this.count = counts.of(experiment, phase, variant, this.scope)
    this.#line = new LineBuffer(`${JSON.stringify(fields).slice(0, -1)},${producer},"exposureId":"`)
    this.#writeId = exposureIdWriter(experiment, phase, met, trigger)
    this.#arm = arm
    this.#trigger = trigger
  }

  fits(arm: Arm, trigger: string | undefined): boolean {
    const own = this.#arm
    return (
      own.fingerprint === arm.fingerprint &&
      own.variant === arm.variant &&
      own.revision === arm.revision &&
      own.phase === arm.phase &&
      own.experiment === arm.experiment &&
      own.unitType === arm.unitType &&
      own.seed === arm.seed &&
      own.propensity === arm.propensity &&
      own.treatmentVersion === arm.treatmentVersion &&
      own.reason === arm.reason &&
      this.#trigger === trigger
    )
  }

  /**
   * The bytes hold until the next call. Undefined where the arm or the time cannot be written.
   *
   * @param details JSON members, each with a comma before it
   */
  write(arm: Arm, exposedAt: number, sequence: number, details = ''): Uint8Array | undefined {
    const { bucket, unitId, assignedAs } = arm
    if (typeof unitId !== 'string' || unitId === '') return undefined
    if (bucket === null || !Number.isInteger(bucket) || !Number.isFinite(exposedAt)) return undefined
    const tail = assignedAs === undefined ? details : `${assignedAsMember(assignedAs)}${details}`
    const line = this.#line
    line.restart(FIELD_BYTES + 6 * unitId.length + 3 * tail.length)
    this.#writeId(unitId, line.bytes, line.length)
    line.length += 22
    line.ascii('","unitId":')
    line.string(unitId)
    line.ascii(',"bucket":')
    line.integer(bucket)
    line.ascii(',"exposedAt":')
    line.ascii(timeAsText(exposedAt))
    line.ascii(',"sequence":')
    line.integer(sequence)
    if (this.count.isListed) {
      line.ascii(',"armSequence":')
      line.integer(this.count.numbered + 1)
    }
    if (tail !== '') line.utf8(tail)
    line.ascii('}\n')
    return line.view()
  }

  /** A number in [0, 1) for the unit, told by its exposure id: whoever reads the event can tell it again. */
  shareOf(unitId: string): number {
    this.#writeId(unitId, idBytes, 0)
    return shareOfId(idBytes, 0)
  }
}

const idBytes = new Uint8Array(22)

function assignedAsMember(assignedAs: unknown): string {
  const isText = typeof assignedAs === 'string' && assignedAs !== ''
  return isText ? `,"assignedAs":${JSON.stringify(assignedAs)}` : ''
}

let latestTime = 0
let latestTimeText = '0'

/** Many events share a millisecond, and a long number is slow to print. */
function timeAsText(time: number): string {
  if (time !== latestTime) {
    latestTime = time
    latestTimeText = `${time}`
  }
  return latestTimeText
}

type ProperArm = Arm & { readonly variant: string }

function isProper(arm: Arm, trigger: string | undefined): arm is ProperArm {
  return (
    typeof arm.experiment === 'string' &&
    typeof arm.variant === 'string' &&
    typeof arm.fingerprint === 'string' &&
    typeof arm.unitType === 'string' &&
    Number.isInteger(arm.phase) &&
    Number.isInteger(arm.revision) &&
    Number.isInteger(arm.seed) &&
    Number.isFinite(arm.propensity) &&
    (trigger === undefined || (typeof trigger === 'string' && TRIGGER.test(trigger)))
  )
}

/** A name, as those of variants and experiments. */
const TRIGGER = /^[A-Za-z0-9_.-]{1,128}$/
