import { ExperimentError } from '@fairtrial/protocol'

/** Options that do not fit together, told with what to do. */
export function misused(what: string, remedy: string): ExperimentError {
  return new ExperimentError('invalid-argument', what, remedy)
}

/** Throws if one of the options is given: an option without effect is a mistake that nobody would see. */
export function refuseOptions(options: object, names: readonly string[], why: string): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || !names.includes(name)) continue
    const told = value === true ? flag(name) : `${flag(name)} ${String(value)}`
    throw misused(`${told} has no meaning ${why}.`, `Leave ${flag(name)} out.`)
  }
}

/** An option that the answer cannot do without. */
export function requireOption<T>(value: T | undefined, name: string, why: string): T {
  if (value === undefined) throw misused(`${flag(name)} is missing: ${why}.`, `Give ${flag(name)} a value.`)
  return value
}

/** By the libraries' word for it: the option that sets it. */
const flags: Readonly<Record<string, string>> = {
  delta: '--shape',
  shares: '--shares',
  informationFractions: '--information',
  alpha: '--alpha',
}

/** What the libraries refuse, as the user's mistake that it is. */
export function withUsageErrors<T>(compute: () => T): T {
  try {
    return compute()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const [what = '', ...remedy] = error.message.split(': ')
    const [name = ''] = /^[a-zA-Z]*/.exec(what) ?? []
    const told = remedy.join(': ').replace('a betaSpending', 'a --futility')
    throw misused(
      `${flags[name] ?? name}${what.slice(name.length)}.`,
      `${told.charAt(0).toUpperCase()}${told.slice(1)}.`,
    )
  }
}

function flag(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
