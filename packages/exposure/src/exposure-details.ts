import type { Slate } from '@fairtrial/protocol'
import { type ContextFeatures, type ContextOptions, contextWriter } from './context-features.ts'
import type { ExposureHead } from './exposure-lines.ts'
import type { LeftOutReason } from './left-out.ts'
import { limitsOf } from './limits.ts'
import { refuseNoFunction, refuseNoShare } from './refusals.ts'
import { type SlateLimits, slateText } from './slate-text.ts'

/** What may be told of one exposure beyond its arm. */
export interface ExposeOptions {
  /** Epoch milliseconds. Default: now. */
  readonly exposedAt?: number
  /**
   * The condition that was met: the unit would have been treated. Told in every arm, control too, at the same point
   * of the code. 1 to 128 of the characters A-Z a-z 0-9 _ . -
   */
  readonly trigger?: string
  /** Which build of the treatment's model answered. */
  readonly modelVersion?: string
  /** What was shown. One that is too large, or none, is left out and counted; the exposure is kept. */
  readonly slate?: Slate
  /** What is known of the unit or the request: logged is what the recorder's `context` allows. */
  readonly context?: ContextFeatures
  /** Whether the unit lets it be recorded. Told and not `true`, nothing is. Default: consent is not asked for. */
  readonly consent?: boolean | undefined
}

/** What a recorder may log of an exposure beyond its arm. */
export interface DetailOptions {
  /** What of the context is logged. Default: nothing. */
  readonly context?: ContextOptions
  readonly slates?: Partial<SlateLimits>
  /** W3C trace context of the request under way, where there is one. */
  readonly traceparent?: () => string | undefined
}

/** Writes what is told of an exposure beyond its arm, and counts what is left out of it. */
export class ExposureDetails {
  readonly #leftOut: Record<LeftOutReason, number>
  readonly #slates: SlateLimits
  readonly #context: (given: ContextFeatures) => string
  readonly #traceparent: (() => string | undefined) | undefined

  /** @throws ExperimentError `invalid-argument` for options that cannot be meant */
  constructor({ context, slates, traceparent }: DetailOptions, leftOut: Record<LeftOutReason, number>) {
    this.#leftOut = leftOut
    this.#slates = limitsOf('slates', slates, { maximumBytes: 32_000, sampleRate: 1 })
    refuseNoShare('slates.sampleRate', this.#slates.sampleRate)
    refuseNoFunction('traceparent', traceparent)
    this.#context = contextWriter(context, (reason) => this.#leaveOut(reason))
    this.#traceparent = traceparent
  }

  /** JSON members, each with a comma before it. */
  write(options: ExposeOptions | undefined, head: ExposureHead, unitId: string): string {
    let members = this.traceMember()
    if (options === undefined) return members
    const { modelVersion, slate, context } = options
    if (typeof modelVersion === 'string') members += `,"modelVersion":${JSON.stringify(modelVersion)}`
    if (slate !== undefined) members += this.#slateMember(slate, head, unitId)
    if (context !== undefined) members += this.#contextMember(context)
    return members
  }

  /** The trace of the request, where there is one. */
  traceMember(): string {
    if (this.#traceparent === undefined) return ''
    try {
      const traceparent = this.#traceparent()
      return traceparent !== undefined && TRACEPARENT.test(traceparent)
        ? `,"traceparent":"${traceparent}"`
        : ''
    } catch {
      // A trace that cannot be told must not cost the event.
      return ''
    }
  }

  #slateMember(slate: Slate, head: ExposureHead, unitId: string): string {
    if (this.#slates.sampleRate < 1 && !(head.shareOf(unitId) < this.#slates.sampleRate)) {
      this.#leaveOut('slate-unsampled')
      return ''
    }
    const written = this.#slateText(slate)
    if ('text' in written) return `,"slate":${written.text}`
    this.#leaveOut(written.leftOut)
    return ''
  }

  #slateText(slate: Slate): ReturnType<typeof slateText> {
    try {
      return slateText(slate, this.#slates)
    } catch {
      return { leftOut: 'slate-invalid' }
    }
  }

  #contextMember(context: ContextFeatures): string {
    try {
      return this.#context(context)
    } catch {
      this.#leaveOut('feature-not-scalar')
      return ''
    }
  }

  #leaveOut(reason: LeftOutReason): void {
    this.#leftOut[reason]++
  }
}

/** https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/
