import * as z from 'zod'

/**
 * What `evaluate` is wary of. A caution decides nothing: it asks somebody to look before the numbers are believed.
 *
 * - `too-good`: the interval leaves zero out, and the effect is more than five times the smallest lift worth having; of
 *   a metric that the hypothesis is not about, more than 50 % with a p below 1e-6 at one look. "Any figure that looks
 *   interesting or different is usually wrong": Twyman's law (Kohavi, Tang & Xu, Trustworthy Online Controlled
 *   Experiments, 2020, chapter 3).
 * - `variance-off`: control's variance is less than 1/1.5 or more than 1.5 times the baseline's, by more than four
 *   standard errors: the size of the trial was planned with another.
 * - `mean-off`: control's mean is a quarter of the baseline's away from it, and four standard errors.
 * - `insensitive`: nothing is found, and what the plan's units find in four trials of five is more than twice the lift
 *   that pays, or the smallest worth having.
 */
export type CautionCode = 'too-good' | 'variance-off' | 'mean-off' | 'insensitive'

/** Something about a metric's numbers that should be looked into before they are believed. */
export interface MetricCaution {
  readonly code: CautionCode
  /** The treatment that it is about; none where it is about control and the plan. */
  readonly variant?: string
  /** One sentence with the numbers. */
  readonly detail: string
  readonly remedy: string
}

export const cautionSchema = z.object({
  code: z.enum(['too-good', 'variance-off', 'mean-off', 'insensitive']),
  variant: z.exactOptional(z.string()),
  detail: z.string(),
  remedy: z.string(),
})
