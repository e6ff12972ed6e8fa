import type { Meter } from '@opentelemetry/api'
import { type OtelApi, SCOPE } from './otel-api.ts'

/**
 * Instruments of whichever SDK is registered now. A meter that was got before the SDK came stays deaf for ever, so they
 * are made when they are first needed, and anew when another provider is found.
 */
export class LateInstruments<T> {
  readonly #api: OtelApi
  readonly #make: (meter: Meter) => T
  #provider: object | undefined
  #made: T | null = null

  constructor(api: OtelApi, make: (meter: Meter) => T) {
    this.#api = api
    this.#make = make
  }

  /** Null while there is no SDK. */
  get current(): T | null {
    const provider = this.#api.metrics.getMeterProvider()
    if (provider !== this.#provider) {
      this.#provider = provider
      const meter = this.#api.metrics.getMeter(SCOPE)
      this.#made = meter === this.#api.createNoopMeter() ? null : this.#make(meter)
    }
    return this.#made
  }
}
