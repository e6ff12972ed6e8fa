import { constants } from 'node:fs'
import {
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
} from 'node:fs/promises'

/** What a spool does with an open file. */
export type OpenFile = Pick<
  FileHandle,
  'read' | 'write' | 'truncate' | 'datasync' | 'sync' | 'stat' | 'close'
>

/** What a spool asks of the file system; an argument, so that a test can break it. */
export interface SpoolFiles {
  readonly READ_WRITE_CREATE: number
  open(path: string, flags: string | number): Promise<OpenFile>
  mkdir(path: string): Promise<void>
  readdir(path: string): Promise<string[]>
  readFile(path: string): Promise<Buffer>
  rename(from: string, to: string): Promise<void>
  link(from: string, to: string): Promise<void>
  /** Of a file that may be gone already. */
  remove(path: string): Promise<void>
  modifiedAt(path: string): Promise<number>
  touch(path: string): Promise<void>
}

/** The real file system. */
export const systemFiles: SpoolFiles = {
  READ_WRITE_CREATE: constants.O_RDWR | constants.O_CREAT,
  open,
  mkdir: makeDirectory,
  readdir: (path) => readdir(path),
  readFile: (path) => readFile(path),
  rename,
  link,
  remove: (path) => rm(path, { force: true }),
  modifiedAt: async (path) => (await stat(path)).mtimeMs,
  touch: (path) => utimes(path, new Date(), new Date()),
}

/** By itself first: a recursive `mkdir` says ENOENT where the disk is read-only. */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') await mkdir(path, { recursive: true })
    else if (code !== 'EEXIST') throw cause
  }
}

/** Writes all of it: a write that comes back short is followed by another, which says what is wrong. */
export async function writeWhole(file: OpenFile, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten
  }
}
