import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cacheFolder } from './cache-folder.ts'

/** What `kafka-jars.json` says: the jars that a broker needs, and no others. */
export interface JarLock {
  readonly version: string
  /** The oldest Java that runs them. */
  readonly java: number
  readonly jars: readonly { readonly path: string; readonly sha256: string }[]
}

const CENTRAL = 'https://repo.maven.apache.org/maven2'
const AT_ONCE = 6
const TRIES = 3
const TRY_MS = 120_000

/** Reads the committed lock. */
export async function readJarLock(): Promise<JarLock> {
  const text = await readFile(new URL('../kafka-jars.json', import.meta.url), 'utf8')
  return JSON.parse(text) as JarLock
}

/**
 * The paths of the jars, fetched if they are not in the cache, and each held against its checksum. The folder appears
 * under its name when it is complete, so that processes which fetch at the same time do not meet.
 * `KAFKA_MAVEN_REPOSITORY` is another address of the repository; `file:` addresses are read too.
 */
export async function fetchJars(lock: JarLock, cache = cacheFolder()): Promise<string[]> {
  // Another lock is another folder: what a change of the lock leaves behind is never started.
  const folder = join(cache, `kafka-${lock.version}-${sha256(JSON.stringify(lock.jars)).slice(0, 8)}`)
  if (!existsSync(folder)) await place(lock, cache, folder)
  await eachAtOnce(lock.jars, async ({ path, sha256: wanted }) => {
    const file = join(folder, basename(path))
    const found = await readFile(file).then(sha256, () => 'nothing')
    if (found !== wanted) throw mismatch(file, found, wanted, `Remove the folder ${folder}.`)
  })
  return lock.jars.map(({ path }) => join(folder, basename(path)))
}

async function place(lock: JarLock, cache: string, folder: string): Promise<void> {
  await mkdir(cache, { recursive: true })
  const draft = await mkdtemp(`${folder}.`)
  try {
    await eachAtOnce(lock.jars, async ({ path, sha256: wanted }) => {
      const address = `${process.env.KAFKA_MAVEN_REPOSITORY ?? CENTRAL}/${path}`
      const bytes = await download(address)
      const found = sha256(bytes)
      if (found !== wanted) throw mismatch(address, found, wanted, 'Set KAFKA_MAVEN_REPOSITORY to another.')
      await writeFile(join(draft, basename(path)), bytes)
    })
    await rename(draft, folder).catch((error: NodeJS.ErrnoException) => {
      // Another process was first. What it placed is what we would have.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

async function download(address: string): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (address.startsWith('file:')) return await readFile(new URL(address))
      const response = await fetch(address, { signal: AbortSignal.timeout(TRY_MS) })
      if (!response.ok) throw new Error(`HTTP ${response.status}`)
      return new Uint8Array(await response.arrayBuffer())
    } catch (error) {
      if (attempt < TRIES && !address.startsWith('file:')) {
        await sleep(500 * attempt)
        continue
      }
      throw new Error(
        `cannot fetch ${address} (${reason(error)}). Set KAFKA_MAVEN_REPOSITORY to a Maven repository that can be ` +
          'reached; file:// addresses will do.',
        { cause: error },
      )
    }
  }
}

function mismatch(place: string, found: string, wanted: string, remedy: string): Error {
  return new Error(
    `${place} is not the file of the lock: its sha256 is ${found}, and ${wanted} is wanted. ${remedy}`,
  )
}

async function eachAtOnce<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of rest) await work(item)
    }),
  )
}

/** Fetch hides what went wrong in the cause. */
function reason(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex')
}
