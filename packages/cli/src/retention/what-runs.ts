import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type Experiment, ExperimentError } from '@fairtrial/protocol'
import { fileStateStore, runningSince } from '@fairtrial/rollout/controller'

/** What the data directory of a control plane tells of the phases that run. */
export interface WhatRuns {
  /** The folder of the states; null where there is none. */
  readonly states: string | null
  /** All that it knows, by their states and by what was ever started. */
  readonly experiments: readonly string[]
  /** Whether any of them has a state. */
  readonly knowsAny: boolean
  of(experiment: string): Promise<{
    /** Whether it has a state, or can have none. */
    readonly isKnown: boolean
    /** See `runningSince`. */
    readonly since: number | null
  }>
}

/**
 * @param log a directory of segments in that data directory
 * @param named of the states, where they are elsewhere
 * @throws ExperimentError `invalid-argument` where what was named is no directory
 */
export async function whatRuns(log: string, named: string | undefined): Promise<WhatRuns> {
  const states = await statesOf(log, named)
  const definitions = join(dirname(resolve(states ?? log)), 'definitions')
  const store = states === null ? null : fileStateStore({ directory: states })
  const found = (await store?.experiments?.()) ?? []
  // A control plane whose states are in PostgreSQL leaves those of a life before where they are.
  const isElsewhere = states !== null && (await stat(join(states, 'in-postgres')).catch(() => null)) !== null
  const stored = isElsewhere ? [] : found
  return {
    states,
    experiments: [...new Set([...found, ...(await keysIn(definitions))])],
    knowsAny: stored.length > 0,
    async of(experiment) {
      const isKnown = stored.includes(experiment)
      if (store === null || !isKnown) return { isKnown: !isKey(experiment), since: null }
      const definition = await definitionIn(definitions, experiment)
      return { isKnown, since: await runningSince(store, experiment, definition) }
    },
  }
}

/** What a log names otherwise is no experiment: anybody may have written there. */
function isKey(experiment: string): boolean {
  return /^[A-Za-z0-9_.-]{1,128}$/.test(experiment)
}

async function statesOf(log: string, named: string | undefined): Promise<string | null> {
  const path = named ?? join(dirname(resolve(log)), 'state')
  const isThere = (await stat(path).catch(() => null))?.isDirectory() === true
  if (isThere) return path
  if (named === undefined) return null
  throw new ExperimentError(
    'invalid-argument',
    `--state ${named} is no directory.`,
    'Give the folder state of the data directory of a control plane, or leave it out where no trial runs.',
  )
}

async function keysIn(definitions: string): Promise<readonly string[]> {
  const names = await readdir(definitions).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return []
    throw cause
  })
  return names.filter((name) => name.endsWith('.json')).map((name) => basename(name, '.json'))
}

/** Of one that cannot be read nobody knows how far back it reads: then everything is kept. */
async function definitionIn(definitions: string, experiment: string): Promise<readonly Experiment[]> {
  try {
    return [JSON.parse(await readFile(join(definitions, `${experiment}.json`), 'utf8')) as Experiment]
  } catch {
    return []
  }
}
