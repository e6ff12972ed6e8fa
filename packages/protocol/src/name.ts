import * as z from 'zod'

/**
 * Keys and names become columns, file names and property names, so their alphabet is small, and the names
 * that every JavaScript object already has are refused.
 */
export const nameSchema = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,128}$/, {
    error: 'Must be 1 to 128 of the characters A-Z a-z 0-9 _ . - and nothing else.',
  })
  .refine((name) => !RESERVED.has(name), { error: 'Is a name that every JavaScript object already has.' })

const RESERVED: ReadonlySet<string> = new Set(['prototype', ...Object.getOwnPropertyNames(Object.prototype)])
