import { ExperimentError } from '@fairtrial/protocol/error'

/** @throws ExperimentError `invalid-argument` for a library that lacks what would be called at each attempt */
export function refuseNoLibrary(whose: string, library: unknown, calls: readonly string[]): void {
  const known = library as { readonly [call: string]: unknown } | null | undefined
  const missing = calls.filter((call) => typeof known?.[call] !== 'function')
  if (missing.length === 0) return
  throw new ExperimentError(
    'invalid-argument',
    `${whose} has no library: \`library\` lacks ${missing.join(', ')}.`,
    'Give kafkajsLibrary({ brokers }).',
  )
}
