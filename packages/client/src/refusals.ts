import { ExperimentError } from '@fairtrial/protocol/error'

/** @throws ExperimentError `invalid-argument` for what is no number above 0: a timer would take it for none at all */
export function refuseNoDuration(option: string, ms: unknown): void {
  if (typeof ms === 'number' && ms > 0) return
  refuse(option, String(ms), 'Give milliseconds above 0, or leave it out for the default.')
}

/** The same for each of several options. */
export function refuseNoDurations(whose: string, options: { readonly [name: string]: unknown }): void {
  for (const [name, ms] of Object.entries(options)) refuseNoDuration(`${whose}.${name}`, ms)
}

/** @throws ExperimentError `invalid-argument` where there is no text, and for an empty one */
export function refuseNoText(option: string, text: unknown, remedy: string): void {
  if (typeof text === 'string' && text !== '') return
  refuse(option, JSON.stringify(text), remedy)
}

/** @throws ExperimentError `invalid-argument` where something is given that cannot be called */
export function refuseNoFunction(option: string, given: unknown): void {
  if (given === undefined || typeof given === 'function') return
  refuse(option, JSON.stringify(given), 'Give a function, or leave it out.')
}

/** @throws ExperimentError `invalid-argument` for what lacks a function that would be called again and again */
export function refuseLacking(
  option: string,
  given: unknown,
  calls: readonly string[],
  remedy: string,
): void {
  const known = given as { readonly [call: string]: unknown } | null | undefined
  const missing = calls.filter((call) => typeof known?.[call] !== 'function')
  if (missing.length === 0) return
  throw new ExperimentError(
    'invalid-argument',
    `${option} lacks the function ${missing.join(' and ')}.`,
    remedy,
  )
}

/** Says what an option is, and what to give instead. */
export function refuse(option: string, value: string | undefined, remedy: string): never {
  throw new ExperimentError('invalid-argument', `${option} is ${value}.`, remedy)
}
