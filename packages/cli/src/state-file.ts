import { readFile } from 'node:fs/promises'
import { type Experiment, ExperimentError, parseState, type RolloutState } from '@fairtrial/protocol'

/**
 * The state of a rollout from a file: a `fairtrial.state/1`, or what `rollout status --json` has printed.
 *
 * @throws ExperimentError `invalid-argument` for a file without one, `definition-changed` for that of another definition
 */
export async function readStateFile(file: string, experiment: Experiment): Promise<RolloutState> {
  const parsed = parseState(stateIn(await readJson(file)))
  if (!parsed.ok) {
    throw new ExperimentError(
      'invalid-argument',
      `--state ${file} holds no state: ${parsed.detail}.`.replace(/\.+$/, '.'),
      'Give what `rollout status --json` has printed.',
    )
  }
  const state = parsed.value
  if (state.fingerprint === experiment.fingerprint && state.experiment === experiment.key) return state
  throw new ExperimentError(
    'definition-changed',
    `${file} is the state of ${state.experiment} under the definition ${state.fingerprint.slice(0, 12)}; ` +
      `the definition in hand is ${experiment.key}, ${experiment.fingerprint.slice(0, 12)}.`,
    'Give the definition that the rollout runs under.',
  )
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new ExperimentError(
      'invalid-argument',
      `--state ${file} cannot be read: ${(cause as Error).message}.`,
      'Give what `rollout status --json` has printed.',
      { cause },
    )
  }
}

function stateIn(document: unknown): unknown {
  const { schema, state } = (document ?? {}) as { readonly schema?: unknown; readonly state?: unknown }
  return schema === 'fairtrial.rollout/1' ? state : document
}
