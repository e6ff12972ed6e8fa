/**
 * Unit ids that differ from another by nothing but case or spaces at their ends. Each is a unit of its own; to people
 * they look like one.
 */
export interface IdSpellings {
  /** By plain form, the id first met that is not in that form itself. Ids that are in it cost no memory here. */
  readonly otherwise: Map<string, string>
  /** By plain form, all ids of that form, where there are at least two. */
  readonly similar: Map<string, Set<string>>
}

export function createIdSpellings(): IdSpellings {
  return { otherwise: new Map(), similar: new Map() }
}

/**
 * Notes an id, once or more. What is found in the end does not depend on the order of the ids.
 *
 * @param isKnown whether a unit of exactly this id was met before
 */
export function noteSpelling(
  { otherwise, similar }: IdSpellings,
  id: string,
  isKnown: (id: string) => boolean,
): void {
  const form = id.trim().toLowerCase()
  const other = otherwise.get(form)
  if (form !== id && other === undefined) {
    otherwise.set(form, id)
    if (isKnown(form)) similar.set(form, new Set([form, id]))
  } else if (other !== undefined && other !== id) {
    const ids = similar.get(form)
    if (ids === undefined) similar.set(form, new Set([other, id]))
    else ids.add(id)
  }
}
