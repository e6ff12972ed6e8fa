import { LateInstruments } from './late-instruments.ts'
import { apiOf, type OtelOptions } from './otel-api.ts'

/**
 * Lets an SDK read how far a reader of the log is behind, whenever it collects: `experiment.log.lag`, in events. Call
 * it after the SDK was registered.
 *
 * @param read the lag now, by partition; a log that has none is one of its own
 */
export function observeLag(
  read: () => { readonly [partition: string]: number },
  options: OtelOptions = {},
): void {
  const instruments = new LateInstruments(apiOf(options), (meter) => {
    meter
      .createObservableGauge('experiment.log.lag', {
        unit: '{event}',
        description: 'Events that are in the log and have not been read.',
      })
      .addCallback((result) => {
        for (const [partition, lag] of Object.entries(read())) result.observe(lag, { partition })
      })
    return true
  })
  void instruments.current
}
