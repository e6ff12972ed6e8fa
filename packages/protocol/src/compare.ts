import { canonicalJson } from './canonical-json.ts'
import { ExperimentError } from './error.ts'
import type { Experiment } from './experiment.ts'
import { pathOf } from './path.ts'
import { show } from './show.ts'

/**
 * What an edit does to a running trial.
 * - `safe`: the data stay comparable, the phase goes on
 * - `new-phase`: the design is another, evidence starts afresh
 * - `refused`: it is another trial
 */
export type EditEffect = 'safe' | 'new-phase' | 'refused'

/** One place in which two definitions differ. */
export interface DefinitionEdit {
  /** `variants[1].weight`. */
  readonly path: string
  /** Undefined where there was nothing. */
  readonly before: unknown
  /** Undefined where there is nothing any more. */
  readonly after: unknown
  readonly effect: EditEffect
}

/** How two definitions differ. */
export interface DefinitionChange {
  /** The gravest effect of all edits. */
  readonly kind: 'same' | EditEffect
  readonly changes: readonly DefinitionEdit[]
}

/** What may change while a trial runs: `designOf` leaves just this out of the fingerprint. */
const SAFE = [
  /^description$/,
  /^costs\b/,
  /^externalEvents\b/,
  /^ramp\b/,
  /^analysis\.expectedUnitsPerDay$/,
  /^analysis\.bayesian\.simulatedErrorRate$/,
  /^metrics\.[^[\]]+\.description$/,
  /^guardrails\[\d+\]\.evidence\.(maximumHold|extension)$/,
]
const REFUSED = [/^key$/, /^unitType$/]

/**
 * Tells two sealed definitions apart, edit by edit. Defaults are written out in both, so that spelling one out
 * is no edit.
 */
export function compareDefinitions(before: Experiment, after: Experiment): DefinitionChange {
  const changes = edits(withoutSeal(before), withoutSeal(after), [])
  const gravest = (['refused', 'new-phase', 'safe'] as const).find((effect) =>
    changes.some((change) => change.effect === effect),
  )
  return { kind: gravest ?? 'same', changes }
}

/**
 * Whether a started trial may go on under another definition. What is safe may; what opens a new phase may when
 * that is said.
 *
 * @param intent what whoever edits it means: `refuse` to touch the design, or to open a `new-phase`
 * @throws ExperimentError `definition-changed` with every edit that is in the way
 */
export function reseal(
  started: Experiment,
  next: Experiment,
  intent: 'refuse' | 'new-phase',
): DefinitionChange {
  const change = compareDefinitions(started, next)
  const allowed = change.kind === 'new-phase' ? intent === 'new-phase' : change.kind !== 'refused'
  if (allowed) return change
  const problems = change.changes
    .filter(({ effect }) => effect === change.kind)
    .map(({ path, before, after }) => ({
      path,
      value: after,
      message: `Was ${show(before)}, is ${show(after)}.`,
      remedy: change.kind === 'refused' ? 'Define a trial with a key of its own.' : 'Restore it.',
    }))
  const lines = problems.map(({ path, message }) => `\n  ${path}: ${message}`).join('')
  throw new ExperimentError(
    'definition-changed',
    `The definition of "${started.key}" has changed since it was started.${lines}\n`,
    change.kind === 'refused'
      ? 'Restore it, or define a trial with a key of its own.'
      : 'Restore it, or open a new phase: its evidence starts afresh.',
    { problems },
  )
}

function withoutSeal({ fingerprint: _, ...definition }: Experiment): object {
  return definition
}

function edits(before: unknown, after: unknown, keys: readonly PropertyKey[]): DefinitionEdit[] {
  if (isBranch(before) && isBranch(after) && Array.isArray(before) === Array.isArray(after)) {
    const isArray = Array.isArray(before)
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return names.flatMap((name) => edits(before[name], after[name], [...keys, isArray ? Number(name) : name]))
  }
  if (
    before === undefined
      ? after === undefined
      : after !== undefined && canonicalJson(before) === canonicalJson(after)
  ) {
    return []
  }
  const path = pathOf(keys)
  return [{ path, before, after, effect: effectOf(path) }]
}

function effectOf(path: string): EditEffect {
  if (REFUSED.some((pattern) => pattern.test(path))) return 'refused'
  return SAFE.some((pattern) => pattern.test(path)) ? 'safe' : 'new-phase'
}

function isBranch(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null
}
