export type { Console } from './console.ts'
export { exitCodes } from './exit-code.ts'
export type { ExitCode } from './exit-code.ts'
export { run } from './run.ts'
