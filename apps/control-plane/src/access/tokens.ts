import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { unwatchFile, watchFile } from 'node:fs'
import { ExperimentError } from '@fairtrial/protocol'
import { CONTROLLER } from '../orders.ts'
import { type Caller, isRole, type Role } from './caller.ts'

/** A token as it is kept: never itself, only what it hashes to. */
export interface KeptToken {
  /** Of whoever holds it: what orders are signed with. */
  readonly name: string
  readonly role: Role
  /** SHA-256 of the token, lower-case hex. */
  readonly sha256: string
  /** Epoch milliseconds. */
  readonly expiresAt?: number
}

/** Who holds which token. */
export interface Tokens {
  /** Null for a token that is unknown, and for one that has expired. */
  callerOf(token: string): Caller | null
}

/**
 * Finds tokens by their hashes. All of them are compared, each in constant time: how long it takes tells nothing of
 * what was nearly right.
 */
export function findTokens(kept: readonly KeptToken[], now: () => number): Tokens {
  const hashed = kept.map((token) => ({ ...token, hash: Buffer.from(token.sha256, 'hex') }))
  return {
    callerOf(token) {
      const given = createHash('sha256').update(token).digest()
      let caller: Caller | null = null
      for (const { name, role, hash, expiresAt = Number.POSITIVE_INFINITY } of hashed) {
        if (timingSafeEqual(given, hash) && now() < expiresAt) caller = { name, role }
      }
      return caller
    },
  }
}

/** Reads a file of tokens. Rejects `misconfigured` with every entry that cannot be used. */
export async function readTokens(path: string): Promise<readonly KeptToken[]> {
  let entries: unknown
  try {
    entries = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw misconfigured(path, `cannot be read: ${(cause as Error).message}`, cause)
  }
  if (!Array.isArray(entries) || entries.length === 0) throw misconfigured(path, 'lists no tokens')
  const wrong = entries.flatMap((entry, i) => problemsOf(entry as Partial<KeptToken>, i))
  const names = entries.map((entry) => personOf((entry as KeptToken | null)?.name))
  if (new Set(names).size < names.length) wrong.push('two tokens have one name, but for its case and spaces')
  if (wrong.length > 0) throw misconfigured(path, wrong.join('; '))
  return entries as KeptToken[]
}

/**
 * Tokens of a file that is read again when it changes, and when `reload` is called. A file that cannot be used leaves
 * those in force that were, and is told.
 */
export async function tokensOf(
  path: string,
  options: { readonly now: () => number; readonly log: (line: string) => void; readonly everyMs?: number },
): Promise<Tokens & { reload(): Promise<void>; close(): void }> {
  const { now, log, everyMs = 2_000 } = options
  let tokens = findTokens(await readTokens(path), now)
  async function reload(): Promise<void> {
    try {
      tokens = findTokens(await readTokens(path), now)
      log('the tokens were read again.')
    } catch (error) {
      log(`THE OLD TOKENS STAY IN FORCE. ${(error as Error).message}`)
    }
  }
  const changed = () => void reload()
  watchFile(path, { interval: everyMs, persistent: false }, changed)
  return {
    callerOf: (token) => tokens.callerOf(token),
    reload,
    close: () => unwatchFile(path, changed),
  }
}

/** Whom a name means: two spellings of it would approve as two people. */
function personOf(name: unknown): string {
  return String(name).trim().replaceAll(/\s+/g, ' ').toLowerCase()
}

function problemsOf(entry: Partial<KeptToken> | null, i: number): string[] {
  const { name, role, sha256, expiresAt } = entry ?? {}
  const wrong: string[] = []
  if (typeof name !== 'string' || !/^[\w.@ -]{1,100}$/.test(name)) {
    wrong.push(`[${i}].name is not 1 to 100 letters, digits, spaces and _ . @ -`)
  }
  if (personOf(name) === CONTROLLER) wrong.push(`[${i}].name is that of the loop`)
  if (!isRole(role)) wrong.push(`[${i}].role is not service, viewer, operator or admin`)
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) {
    wrong.push(`[${i}].sha256 is not 64 lower-case hex digits`)
  }
  if (expiresAt !== undefined && !Number.isSafeInteger(expiresAt)) {
    wrong.push(`[${i}].expiresAt is not epoch milliseconds`)
  }
  return wrong
}

function misconfigured(path: string, what: string, cause?: unknown): ExperimentError {
  return new ExperimentError(
    'misconfigured',
    `${path} ${what}.`,
    'Write [{ "name", "role", "sha256", "expiresAt"? }], sha256 by `printf %s TOKEN | sha256sum`.',
    { cause },
  )
}
