import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ExperimentError, LookLedger, parseState } from '@fairtrial/protocol'
import type { RolloutState, TransitionEvent } from '@fairtrial/protocol'
import { checkGrown } from './check-grown.ts'
import { checkTransition } from './check-transition.ts'
import { codeOf, writeNew } from './linked-file.ts'
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
 * A look ledger is a file of its own, `KEY/looks-0001-0000000003.json`, named by its phase and how many looks it holds.
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
    async looks(experiment, phase) {
      const folder = folderOf(directory, experiment)
      const newest = (await lookFiles(folder, phase)).at(-1)
      return newest === undefined ? null : readLooks(join(folder, newest))
    },
    async recordLooks(ledger, expectedLooks) {
      const { experiment, phase, looks } = ledger
      checkGrown(ledger, expectedLooks)
      const folder = folderOf(directory, experiment)
      const newest = (await lookFiles(folder, phase)).at(-1)
      const recorded = newest === undefined ? 0 : looksOf(newest)
      if (recorded !== expectedLooks) return false
      return writeNew(folder, lookFileName(phase, looks.length), `${JSON.stringify(ledger)}\n`)
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

const revisionFiles = (folder: string) => filesOf(folder, /^\d{10}\.json$/)

/** Two looks that were taken at once, by two controllers, would have one name: only one is recorded. */
function lookFileName(phase: number, looks: number): string {
  return `${lookPrefix(phase)}${fileName(looks)}`
}

const lookPrefix = (phase: number) => `looks-${String(phase).padStart(4, '0')}-`
const lookFiles = (folder: string, phase: number) =>
  filesOf(folder, new RegExp(`^${lookPrefix(phase)}\\d{10}\\.json$`))
const looksOf = (name: string) => Number(name.slice(-(10 + SUFFIX.length), -SUFFIX.length))

async function readLooks(path: string): Promise<LookLedger> {
  const text = await readFile(path, 'utf8')
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    // Told below.
  }
  const ledger = LookLedger.safeParse(document)
  if (ledger.success && ledger.data.looks.length === looksOf(path)) return ledger.data
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
