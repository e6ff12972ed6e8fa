import type { JsonScalar } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import type { LeftOutReason } from './left-out.ts'
import { isPersonalName, isPersonalValue } from './personal.ts'
import { refuseNoFunction } from './refusals.ts'

/** What of the context of an exposure goes into the log: nothing but what is named here. */
export interface ContextOptions {
  /** Of the features: another version may mean other things by the same names. */
  readonly schemaVersion: string
  /** Features that are logged. One whose name reads like personal data is refused. */
  readonly allow: readonly string[]
  /** What to log instead of a feature's value; undefined leaves it out. Sees allowed scalars only. */
  readonly redact?: (feature: string, value: JsonScalar) => JsonScalar | undefined
}

/** What is known of a unit or a request when it is exposed. What is not allowed, or no scalar, stays here. */
export interface ContextFeatures {
  readonly [feature: string]: unknown
}

const LONGEST_TEXT = 256

/**
 * Makes the writer of the JSON member `context`, with a comma before it; empty where no feature is left.
 *
 * @throws ExperimentError `invalid-argument` for a list that is none, or that names personal data
 */
export function contextWriter(
  options: ContextOptions | undefined,
  leaveOut: (reason: LeftOutReason) => void,
): (given: ContextFeatures) => string {
  if (options !== undefined) refuseUnfit(options)
  const allowed = new Set(options?.allow)
  const head = `,"context":{"schemaVersion":${JSON.stringify(options?.schemaVersion)},"features":{`

  function redacted(feature: string, value: JsonScalar): JsonScalar | undefined {
    try {
      return options?.redact === undefined ? value : options.redact(feature, value)
    } catch {
      return undefined
    }
  }

  function valueOf(feature: string, given: unknown): JsonScalar | LeftOutReasonOf {
    if (!isScalar(given)) return { leftOut: 'feature-not-scalar' }
    const value = redacted(feature, given)
    if (!isScalar(value)) return { leftOut: 'feature-redacted' }
    if (typeof value !== 'string') return value
    if (value.length > LONGEST_TEXT) return { leftOut: 'feature-too-long' }
    return isPersonalValue(value) ? { leftOut: 'feature-redacted' } : value
  }

  return (given) => {
    let members = ''
    for (const feature of Object.keys(given)) {
      // What is undefined is not there.
      if (given[feature] === undefined) continue
      if (!allowed.has(feature)) {
        leaveOut('feature-not-allowed')
        continue
      }
      const value = valueOf(feature, given[feature])
      if (typeof value === 'object' && value !== null) leaveOut(value.leftOut)
      else members += `${members === '' ? '' : ','}${JSON.stringify(feature)}:${JSON.stringify(value)}`
    }
    return members === '' ? '' : `${head}${members}}}`
  }
}

interface LeftOutReasonOf {
  readonly leftOut: LeftOutReason
}

function isScalar(value: unknown): value is JsonScalar {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}

function refuseUnfit({ schemaVersion, allow, redact }: ContextOptions): void {
  refuseNoFunction('context.redact', redact)
  if (typeof schemaVersion !== 'string' || schemaVersion === '') {
    throw new ExperimentError(
      'invalid-argument',
      `context.schemaVersion is ${JSON.stringify(schemaVersion)}.`,
      "Name the version of the features, e.g. '1', and another one when the same name begins to mean something else.",
    )
  }
  if (!Array.isArray(allow) || !allow.every((name) => typeof name === 'string' && name !== '')) {
    throw new ExperimentError(
      'invalid-argument',
      `context.allow is ${JSON.stringify(allow)}.`,
      "List the names of the features to log, e.g. ['platform', 'country'].",
    )
  }
  const personal = allow.filter((name) => name === '__proto__' || isPersonalName(name))
  if (personal.length > 0) {
    throw new ExperimentError(
      'invalid-argument',
      `context.allow names ${personal.map((name) => `"${name}"`).join(', ')}, which reads like personal data or a credential.`,
      'Take it off the list. Where a group is what matters, log the group under a name of its own: ' +
        '`region` instead of an address, `isStaff` instead of a user name.',
    )
  }
}
