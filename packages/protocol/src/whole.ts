import * as z from 'zod'

/** 0, 1, 2 … as far as integers are exact: counts, indices, epoch milliseconds of a state. */
export const wholeSchema = z.int().nonnegative()

/** 1, 2, 3 … */
export const countedSchema = z.int().positive()
