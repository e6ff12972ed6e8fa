import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ExperimentError, parseState } from '@fairtrial/protocol'
import type { RolloutState, TransitionEvent } from '@fairtrial/protocol'
import { checkTransition } from './check-transition.ts'
import type { StateStore } from './state-store.ts'

/**
 * A state store in a directory, for any number of processes on one machine.
 *
 * A transition is a file of one line, `KEY/0000000007.json`, named by the revision that it leads to; the newest
 * is the state, and `cat KEY/*.json` is the journal, as NDJSON. A file is written under another name, made durable
 * with fsync, and then *linked* to its own: `link` is atomic and fails where the name is taken. So that one call is
 * the compare-and-set, the journal and the state in one. There is no lock that a killed process could leave behind,
 * and no moment at which the journal knows a transition that the state does not.
 *
 * Needs a file system with hard links (every local one of Linux, macOS and Windows but FAT).
 */
export function fileStateStore({ directory }: { readonly directory: string }): StateStore {
  const read = async (experiment: string): Promise<RolloutState | null> => {
    const folder = folderOf(directory, experiment)
    const newest = (await revisionFiles(folder)).at(-1)
    return newest === undefined ? null : (await readTransition(join(folder, newest))).to
  }
  return {
    read,
    async compareAndSet(transition, expectedRevision) {
      checkTransition(transition, expectedRevision)
      const { experiment, to } = transition
      const folder = folderOf(directory, experiment)
      const state = await read(experiment)
      if ((state?.revision ?? null) !== expectedRevision) return { stored: false, state }
      const stored = await writeNew(folder, fileName(to.revision), `${JSON.stringify(transition)}\n`)
      return stored ? { stored, state: to } : { stored, state: await read(experiment) }
    },
    async transitions(experiment) {
      const folder = folderOf(directory, experiment)
      const names = await revisionFiles(folder)
      return Promise.all(names.map((name) => readTransition(join(folder, name))))
    },
  }
}

const SUFFIX = '.json'

/** Ten digits, so that the order of names is the order of revisions. */
function fileName(revision: number): string {
  return `${String(revision).padStart(10, '0')}${SUFFIX}`
}

/** A key becomes a name of a folder, and nothing else: neither a path nor a hidden file. */
function folderOf(directory: string, experiment: string): string {
  if (/^[A-Za-z0-9_.-]{1,128}$/.test(experiment)) return join(directory, `experiment-${experiment}`)
  throw new ExperimentError(
    'invalid-argument',
    `${JSON.stringify(experiment)} is not the key of an experiment.`,
    'Use 1 to 128 of A-Z, a-z, 0-9, _, . and -.',
  )
}

async function revisionFiles(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => /^\d{10}\.json$/.test(name)).toSorted()
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return []
    throw cause
  }
}

/** Loud where a file is damaged: the revision before it may be the one that an abort withdrew. */
async function readTransition(path: string): Promise<TransitionEvent> {
  const text = await readFile(path, 'utf8')
  let transition: TransitionEvent | null = null
  try {
    transition = JSON.parse(text) as TransitionEvent | null
  } catch {
    // Told below, with every other way to be damaged.
  }
  const state = parseState(transition?.to)
  if (transition !== null && state.ok && path.endsWith(fileName(state.value.revision))) return transition
  throw new ExperimentError(
    'invalid-state',
    `${path} does not hold a transition${state.ok ? ' of its own revision' : `: ${state.detail}`}.`,
    'Restore it from a backup. Do not delete it: the rollout would go back to the revision before.',
  )
}

/** @returns false where the file exists already */
async function writeNew(folder: string, name: string, text: string): Promise<boolean> {
  const path = join(folder, name)
  const draft = `${path}.${randomUUID()}.draft`
  try {
    const isFirst = (await mkdir(folder, { recursive: true })) !== undefined
    if (isFirst) await syncDirectory(dirname(folder))
    await writeSynced(draft, text)
    await link(draft, path)
    await syncDirectory(folder)
    return true
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false
    throw new ExperimentError(
      'io',
      `${path} could not be written: ${(cause as Error).message}.`,
      'Look for space and permissions, on a local file system that has hard links.',
      { cause },
    )
  } finally {
    // On a full disk above all: what is left over would keep it full.
    await unlink(draft).catch(() => undefined)
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes the new name itself durable. Windows cannot open a directory, and does not need to. */
async function syncDirectory(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
