import type { Assignment, JsonObject, Slate } from '@fairtrial/protocol'
import { exposureIds, isPlain } from './exposure-digest.ts'

/** What an exposure needs of an assignment: all of it but the config. */
export type Arm = Omit<Assignment, 'config'>

/** An event as text: one line of NDJSON with its line feed. */
export interface Line {
  readonly text: string
  readonly bytes: number
}

/**
 * Writes exposures by hand: whatever is the same for all units of an arm is escaped once, and a line is that
 * head with five values behind it.
 */
export class ExposureLines {
  readonly #tail: string
  readonly #heads = new Map<string, Head[]>()
  #latest: Head | undefined
  #time = 0
  #timeText = '0'

  /** @param producer names the writer in every line, see `producerFields` */
  constructor(producer: string) {
    this.#tail = `${producer},"exposureId":"`
  }

  /** What is exposed once only: the arm, apart from state revision and version. Undefined for an unusable arm. */
  scope(arm: Arm): string | undefined {
    return this.#head(arm)?.scope
  }

  /** Throws where the slate is not plain JSON. Undefined where the arm or the time cannot be written. */
  write(arm: Arm, exposedAt: number, sequence: number, slate: Slate | undefined): Line | undefined {
    const head = this.#head(arm)
    const { bucket, unitId } = arm
    if (head === undefined || !isName(unitId)) return undefined
    if (!Number.isFinite(exposedAt) || !Number.isInteger(bucket)) return undefined
    const plain = slate === undefined && isPlain(unitId)
    const tail =
      head.exposureId(unitId) +
      (plain ? `","unitId":"${unitId}","bucket":` : `","unitId":${JSON.stringify(unitId)},"bucket":`) +
      bucket +
      ',"exposedAt":' +
      this.#timeAsText(exposedAt) +
      ',"sequence":' +
      sequence +
      (slate === undefined ? '}\n' : `,"slate":${JSON.stringify(slate)}}\n`)
    return { text: head.text + tail, bytes: head.bytes + (plain ? tail.length : utf8Length(tail)) }
  }

  #head(arm: Arm): Head | undefined {
    if (this.#latest !== undefined && this.#latest.fits(arm)) return this.#latest
    let heads = this.#heads.get(arm.fingerprint)
    let head = heads?.find((candidate) => candidate.fits(arm))
    if (head === undefined) {
      if (!isUsable(arm)) return undefined
      head = new Head(arm, this.#tail)
      if (heads === undefined) {
        if (this.#heads.size >= MAXIMUM_DEFINITIONS) this.#heads.clear()
        heads = []
        this.#heads.set(arm.fingerprint, heads)
      }
      if (heads.length >= MAXIMUM_HEADS) heads.shift()
      heads.push(head)
    }
    this.#latest = head
    return head
  }

  /** Many events share a millisecond, and a long number is slow to print. */
  #timeAsText(time: number): string {
    if (time !== this.#time) {
      this.#time = time
      this.#timeText = `${time}`
    }
    return this.#timeText
  }
}

/** Definitions whose heads are kept, and heads a definition: its variants at the latest revisions. */
const MAXIMUM_DEFINITIONS = 2_000
const MAXIMUM_HEADS = 24

class Head {
  readonly scope: string
  readonly text: string
  readonly bytes: number
  readonly exposureId: (unitId: string) => string
  readonly #arm: Arm

  constructor(arm: Arm & { variant: string }, tail: string) {
    const { experiment, fingerprint, phase, revision, unitType, variant, seed, propensity } = arm
    const version = arm.treatmentVersion === null ? {} : { treatmentVersion: arm.treatmentVersion }
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
      reason: 'assigned',
      ...version,
    }
    this.text = `${JSON.stringify(fields).slice(0, -1)},${tail}`
    this.bytes = utf8Length(this.text)
    this.scope = JSON.stringify([experiment, phase, variant])
    this.exposureId = exposureIds(experiment, phase, variant)
    this.#arm = arm
  }

  fits(arm: Arm): boolean {
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
      own.treatmentVersion === arm.treatmentVersion
    )
  }
}

function isUsable(arm: Arm): arm is Arm & { variant: string } {
  return (
    typeof arm.experiment === 'string' &&
    typeof arm.variant === 'string' &&
    typeof arm.fingerprint === 'string' &&
    typeof arm.unitType === 'string' &&
    Number.isInteger(arm.phase) &&
    Number.isInteger(arm.revision) &&
    Number.isInteger(arm.seed) &&
    Number.isFinite(arm.propensity)
  )
}

/** Something that happened to a unit, to be recorded. */
export interface Outcome {
  readonly name: string
  readonly unitType: string
  readonly unitId: string
  /** A finite number. Default 1: it happened. */
  readonly value?: number
  /** Epoch milliseconds. Default: now. */
  readonly occurredAt?: number
  /** Names this one happening. Default: made of the producer and the sequence number. */
  readonly outcomeId?: string
  readonly properties?: JsonObject
}

/** Throws where the properties are not plain JSON. Undefined where a field cannot be written. */
export function writeOutcome(
  producer: string,
  outcome: Outcome,
  outcomeId: string,
  occurredAt: number,
  sequence: number,
): Line | undefined {
  const { name, unitType, unitId, value = 1, properties } = outcome
  if (!isName(name) || !isName(unitType) || !isName(unitId) || !isName(outcomeId)) return undefined
  if (!Number.isFinite(value) || !Number.isFinite(occurredAt)) return undefined
  const text = `{"schema":"fairtrial.outcome/1",${producer},"outcomeId":${quote(outcomeId)},"name":${quote(name)},"unitType":${quote(
    unitType,
  )},"unitId":${quote(unitId)},"value":${value},"occurredAt":${occurredAt},"sequence":${sequence}${
    properties === undefined ? '' : `,"properties":${JSON.stringify(properties)}`
  }}\n`
  return { text, bytes: utf8Length(text) }
}

/** The fields that are the same in every line of one writer. */
export function producerFields(producerId: string, sdk: string): string {
  return `"producerId":${JSON.stringify(producerId)},"sdk":${JSON.stringify(sdk)}`
}

function isName(text: unknown): text is string {
  return typeof text === 'string' && text !== ''
}

function quote(text: string): string {
  return isPlain(text) ? `"${text}"` : JSON.stringify(text)
}

/** Of well-formed text, which JSON always is. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) continue
    // Half of a surrogate pair stands for two of its four bytes.
    bytes += code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 1 : 2
  }
  return bytes
}
