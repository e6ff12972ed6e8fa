import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system of its own, small enough to be filled. */
export interface SmallDisk {
  /** Its directory. */
  readonly place: string
  /** Whether none can be had here: for `describe.skipIf`. */
  readonly isMissing: boolean
  /** Writes a file until not a byte is left; there is space again when it is removed. @returns its path */
  fill(): string
  makeReadOnly(): void
  makeWritable(): void
  /** Unmounts it, whatever still has files open there: for `afterAll`. */
  remove(): void
}

/**
 * Mounts a file system in memory, which takes root on Linux. Where that fails the run says what it leaves out; on a
 * machine of CI (`CI=true`) it throws.
 *
 * @param size as tmpfs takes it: `1m`, `256k`
 */
export function smallDiskForTests(size: string): SmallDisk {
  const place = mkdtempSync(join(tmpdir(), 'fairtrial-disk-'))
  const mount = (...options: string[]) => execFileSync('mount', [...options, place], { stdio: 'pipe' })
  let isMissing = false
  try {
    mount('-t', 'tmpfs', '-o', `size=${size}`, 'fairtrial-disk')
  } catch (cause) {
    isMissing = true
    const { message } = cause as Error
    if (process.env.CI === 'true') throw new Error(`No disk for tests can be mounted: ${message}`, { cause })
    console.error(
      `\n!! No tmpfs can be mounted here: the tests on a full disk are LEFT OUT.\n!! ${message}\n`,
    )
  }
  return {
    place,
    isMissing,
    fill: () => fill(join(place, 'filler')),
    makeReadOnly: () => void mount('-o', 'remount,ro'),
    makeWritable: () => void mount('-o', 'remount,rw'),
    remove() {
      if (!isMissing) execFileSync('umount', ['-l', place])
      rmSync(place, { recursive: true, force: true })
    },
  }
}

function fill(path: string): string {
  for (let size = 1 << 20; size >= 1; size /= 2) {
    try {
      for (;;) appendFileSync(path, Buffer.alloc(size))
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause
    }
  }
  return path
}
