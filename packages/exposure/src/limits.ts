import { refuse } from './refusals.ts'

/**
 * The defaults, with what was given over them. An option that is undefined is one that was not given; one that is
 * no number would silently lift the limit, or drop everything.
 *
 * @param above0 those of which 0 means nothing
 */
export function limitsOf<Name extends string>(
  option: string,
  given: { readonly [N in NoInfer<Name>]?: number | undefined } = {},
  defaults: { readonly [N in Name]: number },
  above0: readonly NoInfer<Name>[] = [],
): { readonly [N in Name]: number } {
  const limits: { [N in Name]: number } = { ...defaults }
  for (const name of Object.keys(defaults) as Name[]) {
    const limit: unknown = given[name] ?? defaults[name]
    const isAbove0 = above0.includes(name)
    if (typeof limit !== 'number' || !(isAbove0 ? limit > 0 : limit >= 0)) {
      const range = isAbove0 ? 'above 0' : 'of 0 or more'
      refuse(
        `${option}.${name}`,
        String(limit),
        `Give a number ${range}, or leave it out for ${defaults[name]}.`,
      )
    }
    limits[name] = limit
  }
  return limits
}
