import { ExperimentError } from '@fairtrial/protocol/error'

/**
 * The defaults, with what was given over them. An option that is undefined is one that was not given; one that is
 * no number would silently lift the limit, or drop everything.
 */
export function limitsOf<Name extends string>(
  option: string,
  given: { readonly [N in Name]?: number | undefined } = {},
  defaults: { readonly [N in Name]: number },
): { readonly [N in Name]: number } {
  const limits: { [N in Name]: number } = { ...defaults }
  for (const name of Object.keys(defaults) as Name[]) {
    const limit: unknown = given[name] ?? defaults[name]
    if (typeof limit !== 'number' || !(limit >= 0)) {
      throw new ExperimentError(
        'invalid-argument',
        `${option}.${name} is ${String(limit)}.`,
        `Give a number of 0 or more, or leave it out for ${defaults[name]}.`,
      )
    }
    limits[name] = limit
  }
  return limits
}
