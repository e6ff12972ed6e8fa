export { contractReport } from './contract-report.ts'
export { fakeClock } from './fake-clock.ts'
export type { FakeClock } from './fake-clock.ts'
export { faultSink } from './fault-sink.ts'
export type { Faults } from './fault-sink.ts'
export { kafkaLibraryContract } from './kafka-library-contract.ts'
export type { KafkaUnderTest, StoredInPartition } from './kafka-library-contract.ts'
export { sampleArm, sampleExposure, sampleOutcome } from './sample-events.ts'
export { seededRandom } from './seeded-random.ts'
export { sinkContract } from './sink-contract.ts'
export type { ContractCase, SinkUnderTest } from './sink-contract.ts'
export { verifyInstrumentation } from './verify-instrumentation.ts'
export type {
  InstrumentationOptions,
  InstrumentationRun,
  VerifiedInstrumentation,
} from './verify-instrumentation.ts'
