export { instrumentClient } from './instrument-client.ts'
export type { InstrumentOptions } from './instrument-client.ts'
