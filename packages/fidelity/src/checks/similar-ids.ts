import type { IdSpellings } from '../id-spellings.ts'
import type { Tolerance } from '../tolerance.ts'
import { sayCount, sayShare } from '../words.ts'
import type { Found } from '../found.ts'

/**
 * Ids that look like one unit and are two. Nothing is changed: case tells ids apart in many systems, base64 for one. A
 * few of them may be an accident; more units than the guardrails let be wrong are a service that writes ids in its own
 * way, and a reason to doubt every join, but no proof of one gone wrong: never broken.
 *
 * @param units that are under audit
 * @param countOf how many of them have this id
 */
export function similarIdsFinding(
  { similar }: IdSpellings,
  units: number,
  countOf: (id: string) => number,
  { maximumLoss }: Tolerance,
): Found[] {
  let pairs = 0
  let concerned = 0
  let example: { readonly form: string; readonly ids: readonly string[] } | undefined
  for (const [form, ids] of similar) {
    let counted = 0
    for (const id of ids) counted += countOf(id)
    if (counted === 0) continue
    concerned += counted
    pairs += (ids.size * (ids.size - 1)) / 2
    // The first in the order of the alphabet, so that the order of events makes no difference.
    if (example === undefined || form < example.form) example = { form, ids: [...ids].toSorted() }
  }
  if (example === undefined) return []
  const [one = '', two = ''] = example.ids
  const share = concerned / units
  return [
    {
      code: 'similar-unit-ids',
      severity: share > maximumLoss ? 'caution' : 'note',
      detail: `${sayCount(pairs, 'pair')} of unit ids ${pairs === 1 ? 'differs' : 'differ'} in nothing but case or spaces at the ends, such as ${quote(one)} and ${quote(two)}: ${sayCount(concerned, 'unit')} of ${units.toLocaleString('en-US')} (${sayShare(share)}). Each id is a unit of its own.`,
      remedy: 'Where both are one unit, write its id in one way before assign, expose and track.',
      evidence: { pairs, concerned, units, share, example: [one, two] },
    },
  ]
}

const LONGEST = 40

/** In quotes, so that spaces show; of a long id its two ends, where spaces may be. */
function quote(id: string): string {
  const half = LONGEST / 2
  return JSON.stringify(id.length > LONGEST ? `${id.slice(0, half)}…${id.slice(-half)}` : id)
}
