/**
 * Why a part of an exposure was left out, though the exposure was recorded.
 * - `slate-too-large`: larger than `slates.maximumBytes`
 * - `slate-invalid`: no slate: an id or a position is missing, a propensity is no probability
 * - `slate-unsampled`: not drawn into the sample
 * - `feature-not-allowed`: not on the allow-list of the context
 * - `feature-not-scalar`: neither text nor finite number, true, false or null
 * - `feature-too-long`: a text of more than 256 characters
 * - `feature-redacted`: reads like an e-mail address, a telephone number or a token, or `redact` took it out
 */
export type LeftOutReason =
  | 'slate-too-large'
  | 'slate-invalid'
  | 'slate-unsampled'
  | 'feature-not-allowed'
  | 'feature-not-scalar'
  | 'feature-too-long'
  | 'feature-redacted'

/** How many parts were left out of exposures, by reason. */
export type LeftOut = { readonly [Reason in LeftOutReason]: number }

export function openLeftOut(): Record<LeftOutReason, number> {
  return {
    'slate-too-large': 0,
    'slate-invalid': 0,
    'slate-unsampled': 0,
    'feature-not-allowed': 0,
    'feature-not-scalar': 0,
    'feature-too-long': 0,
    'feature-redacted': 0,
  }
}
