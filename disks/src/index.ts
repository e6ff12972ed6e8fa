export { smallDiskForTests } from './small-disk.ts'
export type { SmallDisk } from './small-disk.ts'
