import * as z from 'zod'

/** A share in percent, as fine as a bucket: at most four decimals. */
export const percentSchema = z
  .number()
  .refine((percent) => Math.abs(percent * 10_000 - Math.round(percent * 10_000)) < 1e-6, {
    error: 'Must have at most four decimals: one bucket is 0.0001 %.',
  })
