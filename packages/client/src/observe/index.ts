export { createObserver } from './observer.ts'
export type { Observer, ObserverOptions, ObserverStatus } from './observer-doors.ts'
export { readHistogram } from './histogram-reading.ts'
export type { HistogramBuckets, HistogramPoint, HistogramReading } from './histogram-reading.ts'
