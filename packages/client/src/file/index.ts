export { fileStickyStore } from './file-sticky-store.ts'
export { fileMemory } from './file-memory.ts'
export { fileSource } from './file-source.ts'
export type { FileSourceOptions } from './file-source.ts'
