import type { Sink } from '../sink.ts'
import { apiOf, type OtelOptions, SCOPE } from './otel-api.ts'

/** How deliveries are to be traced. */
export interface TracedSinkOptions extends OtelOptions {
  /** Names the way that events go, in the attribute `experiment.transport`. Default: default. */
  readonly transport?: string
}

// Enumerations of the API, by value: what one copy of it says, another must understand.
const PRODUCER = 3
const ERROR = 2

/** Of what was thrown and is no error. */
const NO_ERROR = { code: undefined, name: 'unknown', message: 'The sink rejected with no error.' }

/**
 * A sink each of whose deliveries is a span, a trace of its own: a batch holds the events of many requests. Spans of
 * the transport, as an instrumented HTTP or Kafka client makes them, are its children. No span tells a unit.
 */
export function tracedSink(sink: Sink, options: TracedSinkOptions = {}): Sink {
  const api = apiOf(options)
  const { transport = 'default' } = options
  return {
    async deliver(batch) {
      const attributes = {
        'experiment.transport': transport,
        'experiment.batch.events': batch.count,
        'experiment.batch.bytes': batch.content.length,
      }
      const span = api.trace
        .getTracer(SCOPE)
        .startSpan('experiment.deliver', { kind: PRODUCER, root: true, attributes })
      try {
        const inside = api.trace.setSpan(api.context.active(), span)
        const result = await api.context.with(inside, () => sink.deliver(batch))
        span.setAttribute('experiment.batch.rejected', result.rejected.length)
        return result
      } catch (error) {
        const { code, name, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : NO_ERROR
        span.setAttribute('error.type', code ?? name)
        span.setStatus({ code: ERROR, message })
        throw error
      } finally {
        span.end()
      }
    },
    close: () => sink.close(),
  }
}
