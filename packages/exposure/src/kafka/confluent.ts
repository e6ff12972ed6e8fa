export type { ConfluentOptions } from './confluent-client.ts'
export { confluentLibrary } from './confluent-library.ts'
