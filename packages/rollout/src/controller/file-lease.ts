import { readdir, readFile, stat, unlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { LeaderLease } from './leader-lease.ts'
import { codeOf, writeNew } from './linked-file.ts'
import { isAlive, ownIdentity } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'

/** How often a holder touches its lease. */
const HEARTBEAT_MS = 10_000
/** A holder that nobody can ask after (on another machine, in another container) is dead when it was silent for so long. */
const SILENCE_MS = 60_000

const NAME = /^leader-(\d{10})(\.released)?$/

/** A lease on a directory, which a living process does not lose. */
export interface FileLease extends LeaderLease {
  /** Who holds it, for people: `process 4711 on raspberrypi`; null where nobody does. */
  holder(): Promise<string | null>
}

/**
 * A lease beside the states of {@link fileStateStore}, for one machine: it belongs to the process that took it until that
 * gives it up or is gone, killed too. It does not lapse, for nobody else may lead here meanwhile: a second control plane
 * on the same directory is a mistake, and is refused. It renews itself; `keepLease` is not needed.
 *
 * Tokens are names of files, `leader-0000000003`; the highest is the one in force. Each is *linked* into place, which only
 * one process can do.
 */
export function fileLease({ directory }: { readonly directory: string }): FileLease {
  let held: number | null = null
  let heartbeat: ReturnType<typeof setInterval> | null = null
  const pathOf = (token: number) => join(directory, nameOf(token))

  async function renew(): Promise<boolean> {
    if (held === null) return false
    const newest = await newestOf(directory)
    if (newest.token === held) {
      await touch(pathOf(held))
      return true
    }
    lose()
    return false
  }

  function lose(): void {
    held = null
    if (heartbeat !== null) clearInterval(heartbeat)
  }

  return {
    current: () => held,
    renew,
    async acquire() {
      if (held !== null && (await renew())) return { token: held }
      const newest = await newestOf(directory)
      if (await isHeld(directory, newest)) return null
      const token = newest.token + 1
      if (!(await writeNew(directory, nameOf(token), `${JSON.stringify(ownIdentity())}\n`))) return null
      // Whoever looked while it changed hands several times finds out here.
      if ((await newestOf(directory)).token !== token) {
        await unlink(pathOf(token)).catch(() => undefined)
        return null
      }
      await forgetBefore(directory, token)
      held = token
      // A renewal that fails leaves it as it was: only another holder takes it from us.
      heartbeat = setInterval(() => void renew().catch(() => undefined), HEARTBEAT_MS).unref()
      return { token }
    },
    async release() {
      if (held === null) return
      const token = held
      lose()
      // Not removed: the next token is one more than this.
      await writeNew(directory, `${nameOf(token)}.released`, '')
    },
    async holder() {
      const newest = await newestOf(directory)
      const holder = (await isHeld(directory, newest)) ? await holderOf(pathOf(newest.token)) : null
      return holder === null ? null : `process ${holder.pid} on ${holder.host}`
    },
  }
}

/** Whether a later lease on the directory was granted than the one of the token. */
export async function isFenced(directory: string, fence: number | undefined): Promise<boolean> {
  return fence !== undefined && (await newestOf(directory)).token !== fence
}

interface Newest {
  /** 0 before the first. */
  readonly token: number
  readonly isReleased: boolean
}

async function newestOf(directory: string): Promise<Newest> {
  const found = (await namesIn(directory)).flatMap((name) => {
    const [, token, released] = NAME.exec(name) ?? []
    return token === undefined ? [] : [{ token: Number(token), isReleased: released !== undefined }]
  })
  const token = Math.max(0, ...found.map((each) => each.token))
  return { token, isReleased: found.some((each) => each.token === token && each.isReleased) }
}

async function isHeld(directory: string, { token, isReleased }: Newest): Promise<boolean> {
  if (token === 0 || isReleased) return false
  const path = join(directory, nameOf(token))
  const holder = await holderOf(path)
  if (holder === null) return false
  return isAlive(holder) ?? Date.now() - (await touchedAt(path)) < SILENCE_MS
}

/** Null for a lease that is gone or says nothing: nobody holds by it. */
async function holderOf(path: string): Promise<ProcessIdentity | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ProcessIdentity
  } catch (cause) {
    if (cause instanceof SyntaxError || codeOf(cause) === 'ENOENT') return null
    throw cause
  }
}

async function forgetBefore(directory: string, token: number): Promise<void> {
  for (const name of await namesIn(directory)) {
    const [, older] = NAME.exec(name) ?? []
    if (older !== undefined && Number(older) < token)
      await unlink(join(directory, name)).catch(() => undefined)
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return []
    throw cause
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now)
}

async function touchedAt(path: string): Promise<number> {
  return (await stat(path)).mtimeMs
}

function nameOf(token: number): string {
  return `leader-${String(token).padStart(10, '0')}`
}
