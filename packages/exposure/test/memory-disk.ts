import type { Timers } from '../src/clock.ts'
import type { OpenFile, SpoolFiles } from '../src/spool/spool-files.ts'

/** How often what goes wrong, 0 to 1. */
export interface DiskFaults {
  readonly write: number
  readonly sync: number
  readonly read: number
  readonly truncate: number
}

export const SOUND: DiskFaults = { write: 0, sync: 0, read: 0, truncate: 0 }

/**
 * A disk in memory, for a property test to break: calls fail at random and take a while, and a process that is
 * killed leaves what it was writing half written.
 */
export class MemoryDisk {
  readonly files = new Map<string, Buffer>()

  /** The file system as one process sees it, until that is killed. */
  boot(faults: DiskFaults, random: () => number, timers: Timers): { files: SpoolFiles; kill(): void } {
    const { files } = this
    let isAlive = true
    const half = new Set<() => void>()

    /** A dead process hears of nothing any more. */
    async function pass(ms: number): Promise<void> {
      await new Promise<void>((resolve) => void timers.start(resolve, ms, false))
      if (!isAlive) await new Promise(() => {})
    }

    async function fails(share: number, code: string): Promise<void> {
      await pass(random() < 0.7 ? 0 : 4 * random())
      if (random() < share) throw Object.assign(new Error(`fault: ${code}`), { code })
    }

    function bytesOf(path: string): Buffer {
      const bytes = files.get(path)
      if (bytes === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' })
      return bytes
    }

    function put(path: string, bytes: Uint8Array, at: number): void {
      const old = bytesOf(path)
      const next = Buffer.alloc(Math.max(old.length, at + bytes.length))
      old.copy(next)
      next.set(bytes, at)
      files.set(path, next)
    }

    const openFile = (path: string): OpenFile =>
      ({
        read: async (buffer: Buffer, offset: number, length: number, at: number) => {
          await fails(faults.read, 'EIO')
          return { bytesRead: bytesOf(path).copy(buffer, offset, at, at + length), buffer }
        },
        write: async (buffer: Buffer, offset: number, length: number, at: number) => {
          const bytes = Buffer.from(buffer.subarray(offset, offset + length))
          const torn = () => put(path, bytes.subarray(0, Math.floor(random() * length)), at)
          half.add(torn)
          try {
            await fails(faults.write, 'ENOSPC')
            put(path, bytes, at)
            return { bytesWritten: length, buffer }
          } catch (cause) {
            torn()
            throw cause
          } finally {
            half.delete(torn)
          }
        },
        truncate: async (length: number) => {
          await fails(faults.truncate, 'EIO')
          files.set(path, Buffer.from(bytesOf(path).subarray(0, length)))
        },
        datasync: () => fails(faults.sync, 'EIO'),
        sync: () => fails(faults.sync, 'EIO'),
        stat: async () => ({ size: bytesOf(path).length }),
        close: async () => undefined,
      }) as unknown as OpenFile

    const seen: SpoolFiles = {
      READ_WRITE_CREATE: -1,
      open: async (path, flags) => {
        await fails(flags === 'r' ? faults.read : faults.write, 'EIO')
        if (typeof flags === 'string' && flags.includes('x') && files.has(path)) {
          throw Object.assign(new Error(path), { code: 'EEXIST' })
        }
        if (flags !== 'r' && flags !== 'r+' && !files.has(path)) files.set(path, Buffer.alloc(0))
        return openFile(path)
      },
      mkdir: () => pass(0),
      readdir: async (path) => {
        await pass(0)
        return [...files.keys()].map((name) => name.slice(path.length + 1))
      },
      readFile: async (path) => {
        await fails(faults.read, 'EIO')
        return Buffer.from(bytesOf(path))
      },
      rename: async (from, to) => {
        await pass(0)
        files.set(to, bytesOf(from))
        files.delete(from)
      },
      link: async (from, to) => {
        await pass(0)
        if (files.has(to)) throw Object.assign(new Error(to), { code: 'EEXIST' })
        files.set(to, bytesOf(from))
      },
      remove: async (path) => {
        await pass(0)
        files.delete(path)
      },
      modifiedAt: async () => 0,
      touch: async () => undefined,
    }
    return {
      files: seen,
      kill: () => {
        isAlive = false
        for (const tear of half) tear()
        for (const name of files.keys()) if (name.endsWith('.lock')) files.delete(name)
      },
    }
  }
}
