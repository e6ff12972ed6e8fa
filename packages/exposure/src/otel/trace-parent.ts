import { apiOf, type OtelOptions } from './otel-api.ts'

/**
 * The trace context of the request under way, as W3C writes it: what the option `traceparent` of a recorder asks for.
 * Undefined outside of a trace, and without an SDK.
 */
export function traceParent(options: OtelOptions = {}): () => string | undefined {
  const api = apiOf(options)
  return () => {
    const context = api.trace.getActiveSpan()?.spanContext()
    if (context === undefined || !api.isSpanContextValid(context)) return undefined
    return `00-${context.traceId}-${context.spanId}-0${context.traceFlags & 1}`
  }
}
