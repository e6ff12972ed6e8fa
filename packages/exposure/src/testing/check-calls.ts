import type { Problem } from '@fairtrial/protocol/error'
import type { ContextOptions } from '../context-features.ts'
import type { ExposeOptions } from '../exposure-details.ts'
import type { Arm } from '../exposure-lines.ts'
import type { Outcome } from '../outcome-line.ts'
import { isPersonalName } from '../personal.ts'
import type { RecordedCall, RecordedRun } from './verify-instrumentation.ts'

/** What can be told of the calls of one run: those that came to nothing, and those that told more than is allowed. */
export function checkCalls(run: RecordedRun, { context }: { readonly context?: ContextOptions }): Problem[] {
  const problems: Problem[] = []
  const where = run.arm === null ? '' : `arm ${run.arm}, `
  const counts = { expose: 0, track: 0 }
  for (const call of run.calls) {
    const path = `${where}${call.kind} ${++counts[call.kind]}`
    problems.push(...lostCall(path, call))
    if (call.kind === 'expose') problems.push(...untold(path, call.options, context))
  }
  const { leftOut } = run.account
  for (const reason of [
    'feature-redacted',
    'feature-too-long',
    'slate-invalid',
    'slate-too-large',
  ] as const) {
    if (leftOut[reason] === 0) continue
    problems.push({
      path: `${where}${reason.startsWith('slate') ? 'slate' : 'context'}`,
      value: leftOut[reason],
      message: `${leftOut[reason]} left out as ${reason}.`,
      remedy: LEFT_OUT[reason],
    })
  }
  if (!run.wasClosed) {
    problems.push({
      path: `${where}close`,
      value: undefined,
      message: 'was not called: what is pending dies with the process.',
      remedy: 'Await `close()` where the service ends, on SIGTERM too, and end the service in the test.',
    })
  }
  return problems
}

const LEFT_OUT = {
  'feature-redacted': 'Log a group instead of what tells who somebody is.',
  'feature-too-long': 'Log at most 256 characters: a group, not a text.',
  'slate-invalid':
    'Give a slateId, and items with itemId, position (0, 1, 2 …) and propensities above 0, at most 1.',
  'slate-too-large': 'Cut the slate to what was seen, or raise `slates.maximumBytes`.',
}

function lostCall(path: string, call: RecordedCall): Problem[] {
  if (call.recorded === 'closed') {
    return [
      {
        path,
        value: 'closed',
        message: 'came after `close`, and is lost.',
        remedy: 'Stop taking requests before the recorder is closed.',
      },
    ]
  }
  if (call.recorded !== 'dropped') return []
  const found = call.kind === 'expose' ? wrongArm(call.arm, call.options) : wrongOutcome(call.outcome)
  const [field, value, remedy] = found ?? [
    'event',
    undefined,
    'It is larger than a batch may be: leave parts out.',
  ]
  return [{ path: `${path}.${field}`, value, message: `is ${show(value)}, so the event is lost.`, remedy }]
}

type Finding = readonly [field: string, value: unknown, remedy: string]

/** What to do about an arm that lacks what `assign` gives. */
export const WHOLE_ARM = 'Expose the arm as `assign` gave it, and put nothing together by hand.'

function wrongArm(arm: Partial<Arm> | undefined, options: ExposeOptions | undefined): Finding | undefined {
  if (typeof arm !== 'object' || arm === null) return ['arm', arm, WHOLE_ARM]
  const findings: Finding[] = []
  if (typeof arm.unitId !== 'string' || arm.unitId === '')
    findings.push(['unitId', arm.unitId, 'Assign by an id that every request of the unit carries.'])
  if (!Number.isInteger(arm.bucket)) findings.push(['bucket', arm.bucket, WHOLE_ARM])
  if (!Number.isInteger(arm.seed)) findings.push(['seed', arm.seed, WHOLE_ARM])
  if (!Number.isFinite(arm.propensity)) findings.push(['propensity', arm.propensity, WHOLE_ARM])
  for (const field of ['experiment', 'variant', 'unitType', 'fingerprint'] as const)
    if (typeof arm[field] !== 'string') findings.push([field, arm[field], WHOLE_ARM])
  for (const field of ['phase', 'revision'] as const)
    if (!Number.isInteger(arm[field])) findings.push([field, arm[field], WHOLE_ARM])
  if (options?.exposedAt !== undefined && !Number.isFinite(options.exposedAt))
    findings.push(['exposedAt', options.exposedAt, 'Give epoch milliseconds, or leave it out for now.'])
  if (options?.trigger !== undefined)
    findings.push(['trigger', options.trigger, 'Name it with 1 to 128 of the characters A-Z a-z 0-9 _ . -'])
  return findings[0]
}

function wrongOutcome(outcome: Partial<Outcome> | undefined): Finding {
  if (typeof outcome !== 'object' || outcome === null)
    return ['outcome', outcome, 'Give a name, a unitType and a unitId.']
  for (const field of ['name', 'unitType', 'unitId'] as const) {
    const text: unknown = outcome[field]
    if (typeof text !== 'string' || text === '') return [field, text, 'Give a text that is not empty.']
  }
  for (const field of ['value', 'occurredAt'] as const) {
    const number = outcome[field]
    if (number !== undefined && !Number.isFinite(number))
      return [field, number, 'Give a finite number, or leave it out.']
  }
  return ['properties', outcome.properties, 'Give plain JSON, smaller than a batch.']
}

function untold(
  path: string,
  options: ExposeOptions | undefined,
  context: ContextOptions | undefined,
): Problem[] {
  if (typeof options?.context !== 'object' || options.context === null) return []
  return Object.entries(options.context).flatMap(([feature, value]): Problem[] => {
    if (value === undefined) return []
    if (context?.allow.includes(feature) !== true) {
      return [
        {
          path: `${path}.context.${feature}`,
          value: undefined,
          message: 'is not on the allow-list, and is not logged.',
          remedy: isPersonalName(feature)
            ? PERSONAL
            : 'Add it to `context.allow` of the recorder, here too, or do not hand it in.',
        },
      ]
    }
    const isScalar = value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value)
    if (isScalar) return []
    return [
      {
        path: `${path}.context.${feature}`,
        value: typeof value,
        message: 'is no scalar, and is not logged.',
        remedy: 'Give a text, a finite number, true, false or null.',
      },
    ]
  })
}

/** `context.allow` refuses such a name. */
const PERSONAL =
  'Its name reads like personal data, which no allow-list takes: do not hand it in, or hand in a group or a hash under ' +
  'a name of its own, such as `region` or `accountHash`.'

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
