export { httpSink } from './http-sink.ts'
export type { HttpAnswer, HttpSinkOptions } from './http-sink.ts'
