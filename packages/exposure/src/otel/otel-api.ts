import type { Context, Meter, Span, SpanContext, Tracer } from '@opentelemetry/api'
import * as otel from '@opentelemetry/api'

/** What is used of `@opentelemetry/api`, of 1.9 and of 1.10: of the latter, `logs` too. */
export interface OtelApi {
  readonly metrics: {
    getMeterProvider(): object
    getMeter(name: string, version?: string): Meter
  }
  readonly trace: {
    getActiveSpan(): Span | undefined
    getTracer(name: string, version?: string): Tracer
    setSpan(context: Context, span: Span): Context
  }
  readonly context: {
    active(): Context
    with<T>(context: Context, call: () => T): T
  }
  readonly logs?: { getLogger(name: string, version?: string): EventLogger }
  createNoopMeter(): Meter
  isSpanContextValid(context: SpanContext): boolean
}

/** Takes events: a logger of `@opentelemetry/api` 1.10, or of `@opentelemetry/api-logs`. */
export interface EventLogger {
  emit(record: {
    readonly eventName: string
    readonly severityNumber: number
    readonly attributes: { [name: string]: string | number | boolean }
  }): void
  enabled?(options: { readonly eventName: string }): boolean
}

/** Which copy of the API to use, where a process has more than one: the one that its SDK registers with. */
export interface OtelOptions {
  /** Default: the one that is found beside this package. */
  readonly api?: OtelApi
}

/** The API to use. Without an SDK, all that is said through it goes nowhere, at the cost of nanoseconds. */
export function apiOf({ api }: OtelOptions): OtelApi {
  return api ?? otel
}

/** By what name an SDK knows all that comes from here. */
export const SCOPE = 'fairtrial'
