import type { Assignment, Slate } from '@fairtrial/protocol'
import { type ExposureIdWriter, exposureIdWriter } from './exposure-digest.ts'
import { LineBuffer } from './line-buffer.ts'

/** What an exposure needs of an assignment: all of it but the config. */
export type Arm = Omit<Assignment, 'config'>

/**
 * Writes exposures by hand: whatever is the same for all units of an arm is escaped once, and a line is that
 * head with five values behind it.
 */
export class ExposureLines {
  readonly #producer: string
  readonly #heads = new Map<string, Head[]>()
  #latest: Head | undefined
  #time = 0
  #timeText = '0'

  /** @param producer names the writer in every line, see `producerFields` */
  constructor(producer: string) {
    this.#producer = producer
  }

  /** What is exposed once only: the arm, apart from its revision and version. Undefined for no proper arm. */
  scope(arm: Arm): string | undefined {
    return this.#head(arm)?.scope
  }

  /**
   * The bytes hold until the next call. Undefined where the arm or the time cannot be written; throws where
   * the slate is not JSON.
   */
  write(arm: Arm, exposedAt: number, sequence: number, slate?: Slate): Uint8Array | undefined {
    const { bucket, unitId } = arm
    const head = this.#head(arm)
    if (head === undefined || typeof unitId !== 'string' || unitId === '') return undefined
    if (bucket === null || !Number.isInteger(bucket) || !Number.isFinite(exposedAt)) return undefined
    const slateText = slate === undefined ? '' : JSON.stringify(slate)
    const { line } = head
    line.restart(FIELD_BYTES + 6 * unitId.length + 3 * slateText.length)
    head.writeId(unitId, line.bytes, line.length)
    line.length += 22
    line.ascii('","unitId":')
    line.string(unitId)
    line.ascii(',"bucket":')
    line.integer(bucket)
    line.ascii(',"exposedAt":')
    line.ascii(this.#timeAsText(exposedAt))
    line.ascii(',"sequence":')
    line.integer(sequence)
    if (slateText !== '') {
      line.ascii(',"slate":')
      line.utf8(slateText)
    }
    line.ascii('}\n')
    return line.view()
  }

  #head(arm: Arm): Head | undefined {
    if (this.#latest?.fits(arm)) return this.#latest
    for (const head of this.#heads.get(arm.fingerprint) ?? []) {
      if (head.fits(arm)) return (this.#latest = head)
    }
    return isProper(arm) ? (this.#latest = this.#addHead(arm)) : undefined
  }

  #addHead(arm: ProperArm): Head {
    let heads = this.#heads.get(arm.fingerprint)
    if (heads === undefined) {
      if (this.#heads.size >= MAXIMUM_DEFINITIONS) this.#heads.clear()
      heads = []
      this.#heads.set(arm.fingerprint, heads)
    }
    if (heads.length >= MAXIMUM_HEADS) heads.shift()
    const head = new Head(arm, this.#producer)
    heads.push(head)
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

/** More than the names and numbers behind the head can take. */
const FIELD_BYTES = 200

class Head {
  readonly scope: string
  readonly line: LineBuffer
  readonly writeId: ExposureIdWriter
  readonly #arm: Arm

  constructor(arm: ProperArm, producer: string) {
    const { experiment, fingerprint, phase, revision, unitType, variant, seed, propensity } = arm
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
      ...(typeof arm.treatmentVersion === 'string' && { treatmentVersion: arm.treatmentVersion }),
    }
    this.line = new LineBuffer(`${JSON.stringify(fields).slice(0, -1)},${producer},"exposureId":"`)
    this.scope = JSON.stringify([experiment, phase, variant])
    this.writeId = exposureIdWriter(experiment, phase, variant)
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

type ProperArm = Arm & { readonly variant: string }

function isProper(arm: Arm): arm is ProperArm {
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
