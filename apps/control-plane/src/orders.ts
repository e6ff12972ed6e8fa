import type { JsonObject } from '@fairtrial/protocol'
import type { Caller } from './access/caller.ts'
import { schemas } from './openapi/schemas.ts'
import { Refused } from './refused.ts'
import type { JsonSchema } from './route.ts'

/** Who orders, and why. */
export interface Signed {
  readonly by: string
  readonly reason: string
  /** The revision that they saw. */
  readonly seen?: number
}

/** Of the body of an order; without tokens it says who orders, too. */
export const orderSchema = (hasTokens: boolean): JsonSchema => ({
  type: 'object',
  properties: {
    reason: { type: 'string', minLength: 1, maxLength: 1000, pattern: '\\S' },
    by: {
      type: 'string',
      minLength: 1,
      maxLength: 1000,
      pattern: '\\S',
      description: 'Needed where there are no tokens; else the name of the token is what counts.',
    },
    revision: {
      type: 'integer',
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'The one that was seen: another in force refuses all but an abort. An approval needs it.',
    },
  },
  required: hasTokens ? ['reason'] : ['reason', 'by'],
})

/** Of the body of `approve`: a word is about what was seen, so that what was seen is said. */
export const approveSchema = (hasTokens: boolean): JsonSchema => {
  const { required, ...rest } = orderSchema(hasTokens) as OrderSchema
  return { ...rest, required: [...required, 'revision'] }
}

/** Of the body of `ready`: an order, and the report that it gives. */
export const readySchema = (hasTokens: boolean): JsonSchema => {
  const { properties, required, ...rest } = orderSchema(hasTokens) as OrderSchema
  return {
    ...rest,
    properties: { ...properties, report: schemas.readinessReport },
    required: [...required, 'report'],
  }
}

type OrderSchema = JsonObject & {
  readonly properties: JsonObject
  readonly required: readonly string[]
}

/** Reads who orders and why from a body. With a token, its name is who: nobody signs for another. */
export function orderOf(body: unknown, caller: Caller): Signed {
  const { by, reason, revision } = fieldsOf(body)
  return {
    by: signerOf(caller, by),
    reason: textField('reason', reason),
    ...(revision !== undefined && { seen: wholeField('revision', revision) }),
  }
}

/** What the loop signs with: a person of that name would sign for it. */
export const CONTROLLER = 'controller'

/** Who signs: the name of the token, or where there are none, what the body says. */
export function signerOf(caller: Caller, by: unknown): string {
  const name = caller.name ?? textField('by', by)
  if (name.trim().toLowerCase() !== CONTROLLER) return name
  throw new Refused(400, 'invalid-argument', `by is ${JSON.stringify(name)}, and that is the loop.`, {
    remedy: 'Give the name of a person.',
  })
}

/** The fields of a JSON body; none of what is no object. */
export function fieldsOf(body: unknown): { readonly [field: string]: unknown } {
  return typeof body === 'object' && body !== null ? (body as { [field: string]: unknown }) : {}
}

/** A field that must be a text of 1 to 1,000 characters, not all of them blank. */
export function textField(name: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= 1000) return value
  const wrong = value === undefined ? 'missing' : 'not a text of 1 to 1000 characters'
  throw new Refused(400, 'invalid-argument', `${name} is ${wrong}.`, {
    remedy: `Give ${name} in the JSON body.`,
  })
}

function wholeField(name: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number
  throw new Refused(400, 'invalid-argument', `${name} is not a whole number of 1 or more.`, {
    remedy: `Give ${name} as it was seen, or leave it out.`,
  })
}
