import { type EventLogger, type OtelApi, SCOPE } from '@fairtrial/exposure/otel'
import type { EventAttributes } from './evaluation-event.ts'

const INFO = 9

/**
 * Where events go: to the logger, and where the API has none, as 1.9, onto the span that is active. An event that
 * nobody takes is not even made.
 */
export class EventLog {
  readonly #api: OtelApi
  readonly #logger: EventLogger | undefined

  constructor(api: OtelApi, logger = api.logs?.getLogger(SCOPE)) {
    this.#api = api
    this.#logger = logger
  }

  write(eventName: string, attributes: () => EventAttributes): void {
    if (this.#logger !== undefined) {
      if (this.#logger.enabled?.({ eventName }) === false) return
      return this.#logger.emit({ eventName, severityNumber: INFO, attributes: attributes() })
    }
    const span = this.#api.trace.getActiveSpan()
    if (span?.isRecording() === true) span.addEvent(eventName, attributes())
  }
}
