import * as z from 'zod'

const PATTERN = /^[A-Za-z0-9_.-]{1,128}$/

/**
 * Keys and names become columns, file names and property names, so their alphabet is small, and the names
 * that every JavaScript object already has are refused.
 */
export const nameSchema = z
  .string()
  .regex(PATTERN, {
    error: 'Must be 1 to 128 of the characters A-Z a-z 0-9 _ . - and nothing else.',
  })
  .refine((name) => !RESERVED.has(name), { error: 'Is a name that every JavaScript object already has.' })

const RESERVED: ReadonlySet<string> = new Set(['prototype', ...Object.getOwnPropertyNames(Object.prototype)])

/** A name as a message on the wire repeats it; whether there is such a thing is asked elsewhere. */
export const wireNameSchema = z.string().regex(PATTERN)

/** A fingerprint. */
export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/)
