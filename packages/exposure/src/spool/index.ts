export { DEAD_LETTERS } from './dead-letters.ts'
export type { DeadLetter } from './dead-letters.ts'
export { fileSpool } from './file-spool.ts'
export type { FileSpoolOptions } from './file-spool.ts'
