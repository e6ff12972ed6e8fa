import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { ExperimentError } from '@fairtrial/protocol/error'
import { isAlive, ownIdentity, type ProcessIdentity } from './process-identity.ts'
import { type SpoolFiles, writeWhole } from './spool-files.ts'

/** How often an owner touches its lock. */
const HEARTBEAT_MS = 10_000
/** An owner that nobody can ask after is taken for dead when it has not touched its lock for so long. */
const SILENCE_MS = 60_000

const LOCK = /^owner-(\d+)\.lock$/

/** Held by the one process that owns a spool. */
export interface SpoolLock {
  /** What has gone wrong with it, if anything: then somebody else may own the spool. */
  readonly failure: Error | undefined
  release(): Promise<void>
}

/**
 * Takes hold of a directory, from a dead owner too. Locks are numbered, and the highest is the owner's: each owner
 * links the next number into place, which only one can do, so that nobody ever takes away a lock that somebody
 * holds.
 *
 * @throws ExperimentError `refused` where a live process holds it
 */
export async function takeLock(files: SpoolFiles, directory: string): Promise<SpoolLock> {
  const own = ownIdentity()
  for (;;) {
    const highest = await highestLock(files, directory)
    if (highest > 0) await refuseLive(files, directory, highest, own)
    const number = highest + 1
    const path = join(directory, lockName(number))
    const isOurs = await linkInto(files, path, { ...own, released: false })
    if (!isOurs) continue
    // Whoever saw an empty directory while a lock was changing hands finds out here.
    if ((await highestLock(files, directory)) > number) {
      await files.remove(path)
      continue
    }
    for (const name of await files.readdir(directory)) {
      if (numberOf(name) > 0 && numberOf(name) < number) await files.remove(join(directory, name))
    }
    return hold(files, directory, number)
  }
}

function hold(files: SpoolFiles, directory: string, number: number): SpoolLock {
  const path = join(directory, lockName(number))
  let failure: Error | undefined
  const beat = async () => {
    if ((await highestLock(files, directory)) !== number) throw lostLock(directory)
    await files.touch(path)
  }
  const timer = setInterval(() => {
    beat().then(
      () => (failure = undefined),
      (cause: Error) => (failure = cause),
    )
  }, HEARTBEAT_MS).unref()
  return {
    get failure() {
      return failure
    },
    release: async () => {
      clearInterval(timer)
      if ((await highestLock(files, directory)) !== number) return
      const temporary = await writeTemporary(files, path, { ...ownIdentity(), released: true })
      await files.rename(temporary, path)
    },
  }
}

type LockText = ProcessIdentity & { readonly released: boolean }

async function refuseLive(
  files: SpoolFiles,
  directory: string,
  number: number,
  own: ProcessIdentity,
): Promise<void> {
  const path = join(directory, lockName(number))
  const owner = await readLock(files, path)
  if (owner === undefined || owner.released) return
  const age = Date.now() - (await files.modifiedAt(path).catch(() => 0))
  if (!(isAlive(owner, own) ?? age < SILENCE_MS)) return
  throw new ExperimentError(
    'refused',
    `The spool in ${directory} is held by process ${owner.pid} on ${owner.host}.`,
    'Give each process a directory of its own, or wait until that one ends: its spool is then taken over.',
  )
}

/** Undefined for a lock that is gone or says nothing: nobody holds by it. */
async function readLock(files: SpoolFiles, path: string): Promise<LockText | undefined> {
  try {
    return JSON.parse((await files.readFile(path)).toString())
  } catch (cause) {
    if (cause instanceof SyntaxError || (cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  }
}

/** @returns false where the name is taken */
async function linkInto(files: SpoolFiles, path: string, text: LockText): Promise<boolean> {
  const temporary = await writeTemporary(files, path, text)
  try {
    await files.link(temporary, path)
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw cause
  } finally {
    await files.remove(temporary)
  }
}

async function writeTemporary(files: SpoolFiles, path: string, text: LockText): Promise<string> {
  const temporary = `${path}.${randomUUID()}`
  const file = await files.open(temporary, 'wx')
  try {
    await writeWhole(file, Buffer.from(JSON.stringify(text)), 0)
  } catch (cause) {
    await files.remove(temporary)
    throw cause
  } finally {
    await file.close()
  }
  return temporary
}

async function highestLock(files: SpoolFiles, directory: string): Promise<number> {
  return Math.max(0, ...(await files.readdir(directory)).map(numberOf))
}

function numberOf(name: string): number {
  return Number(LOCK.exec(name)?.[1] ?? 0)
}

function lockName(number: number): string {
  return `owner-${number}.lock`
}

function lostLock(directory: string): ExperimentError {
  return new ExperimentError(
    'refused',
    `The spool in ${directory} was taken over by another process while this one stood still.`,
    'Give each process a directory of its own.',
  )
}
