import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ExperimentError, LookLedger, parseState } from '@fairtrial/protocol'
import type { RolloutState, TransitionEvent } from '@fairtrial/protocol'
import { checkGrown } from './check-grown.ts'
import { checkKey } from './check-key.ts'
import { checkTransition } from './check-transition.ts'
import { checkedLine, readCheckedLine } from './checked-line.ts'
import { isFenced } from './file-lease.ts'
import { codeOf, writeNew } from './linked-file.ts'
import type { StateStore } from './state-store.ts'

/**
 * A state store in a directory, for any number of processes on one machine.
 *
 * A transition is a file of one line, `KEY/0000000007.json`, named by the revision that it leads to; the newest
 * is the state, and `cat KEY/*.json` is the journal, as NDJSON; each line ends with its checksum. A file is written under another name, made durable
 * with fsync, and then *linked* to its own: `link` is atomic and fails where the name is taken. So that one call is
 * the compare-and-set, the journal and the state in one. There is no lock that a killed process could leave behind,
 * and no moment at which the journal knows a transition that the state does not.
 *
 * A look ledger is a file of its own, `KEY/looks-0001-0000000003.json`, named by its phase and the first look that it adds
 * to the ledger before: two that were taken at once would have one name, and one of them is recorded.
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
    async compareAndSet(transition, expectedRevision, { fence } = {}) {
      checkTransition(transition, expectedRevision)
      const { experiment, to } = transition
      const folder = folderOf(directory, experiment)
      const state = await read(experiment)
      if (await isFenced(directory, fence)) return { stored: false, fenced: true, state }
      if ((state?.revision ?? null) !== expectedRevision) return { stored: false, state }
      const stored = await writeNew(folder, fileName(to.revision), checkedLine(transition))
      return stored ? { stored, state: to } : { stored, state: await read(experiment) }
    },
    async experiments() {
      const found: string[] = []
      for (const folder of await filesOf(directory, FOLDER)) {
        const hasState = (await revisionFiles(join(directory, folder))).length > 0
        if (hasState) found.push(folder.slice(FOLDER_PREFIX.length))
      }
      return found
    },
    async transitions(experiment) {
      const folder = folderOf(directory, experiment)
      const names = await revisionFiles(folder)
      const transitions: TransitionEvent[] = []
      for (let i = 0; i < names.length; i += FILES_AT_ONCE) {
        const portion = names.slice(i, i + FILES_AT_ONCE)
        transitions.push(...(await Promise.all(portion.map((name) => readTransition(join(folder, name))))))
      }
      return transitions
    },
    async looks(experiment, phase) {
      const folder = folderOf(directory, experiment)
      const newest = (await lookFiles(folder, phase)).at(-1)
      return newest === undefined ? null : readLooks(join(folder, newest))
    },
    async recordLooks(ledger, expectedLooks, { fence } = {}) {
      const { experiment, phase } = ledger
      checkGrown(ledger, expectedLooks)
      const folder = folderOf(directory, experiment)
      const newest = (await lookFiles(folder, phase)).at(-1)
      const recorded = newest === undefined ? 0 : (await readLooks(join(folder, newest))).looks.length
      if (recorded !== expectedLooks || (await isFenced(directory, fence))) return false
      return writeNew(folder, lookFileName(phase, expectedLooks + 1), checkedLine(ledger))
    },
  }
}

/** A long journal read all at once would leave no file handle for the state, nor for an abort. */
const FILES_AT_ONCE = 32

const SUFFIX = '.json'

/** Ten digits, so that the order of names is the order of revisions. */
function fileName(revision: number): string {
  return `${String(revision).padStart(10, '0')}${SUFFIX}`
}

/** A key becomes a name of a folder, and nothing else: neither a path nor a hidden file. */
function folderOf(directory: string, experiment: string): string {
  checkKey(experiment)
  return join(directory, `${FOLDER_PREFIX}${experiment}`)
}

const FOLDER_PREFIX = 'experiment-'
const FOLDER = /^experiment-[A-Za-z0-9_.-]{1,128}$/

const revisionFiles = (folder: string) => filesOf(folder, /^\d{10}\.json$/)

function lookFileName(phase: number, firstLook: number): string {
  return `${lookPrefix(phase)}${fileName(firstLook)}`
}

const lookPrefix = (phase: number) => `looks-${String(phase).padStart(4, '0')}-`
const lookFiles = (folder: string, phase: number) =>
  filesOf(folder, new RegExp(`^${lookPrefix(phase)}\\d{10}\\.json$`))
const firstLookOf = (name: string) => Number(name.slice(-(10 + SUFFIX.length), -SUFFIX.length))

async function readLooks(path: string): Promise<LookLedger> {
  const ledger = LookLedger.safeParse(readCheckedLine(await readText(path)))
  if (ledger.success && ledger.data.looks.length >= firstLookOf(path)) return ledger.data
  throw new ExperimentError(
    'invalid-state',
    `${path} does not hold the looks that its name says.`,
    'Restore it from a backup. Do not delete it: alpha that has been spent would be spent again.',
  )
}

async function filesOf(folder: string, pattern: RegExp): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => pattern.test(name)).toSorted()
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return []
    throw cannotRead(folder, cause)
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw cannotRead(path, cause)
  }
}

function cannotRead(path: string, cause: unknown): ExperimentError {
  return new ExperimentError(
    'io',
    `${path} could not be read: ${(cause as Error).message}.`,
    'Look at the disk, its permissions, and how many files the process may open (ulimit -n).',
    { cause },
  )
}

/** Loud where a file is damaged: the revision before it may be the one that an abort withdrew. */
async function readTransition(path: string): Promise<TransitionEvent> {
  const transition = readCheckedLine(await readText(path)) as TransitionEvent | null | undefined
  const state = parseState(transition?.to)
  if (transition && state.ok && path.endsWith(fileName(state.value.revision))) return transition
  throw new ExperimentError(
    'invalid-state',
    `${path} does not hold a transition${state.ok ? ' of its own revision' : `: ${state.detail}`}.`,
    'Restore it from a backup. Do not delete it: the rollout would go back to the revision before.',
  )
}
