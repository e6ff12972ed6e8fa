import type { Audit } from '../audit.ts'
import type { Found } from '../found.ts'
import type { ProducerTrace } from '../producer-trace.ts'
import { sayCount, sayShare } from '../words.ts'

/** What newer libraries write, and what cannot be checked without it. */
const FIELDS = [
  { count: 'unnumbered', lacks: 'a number within their arm', so: 'their loss cannot be told by arm' },
  {
    count: 'withoutContext',
    lacks: 'a context',
    so: 'they stand in no segment, and no rule can set them aside',
  },
] as const

/** Exposures that lack what those of other producers have: old libraries, or recorders set up in another way. */
export function incompleteFinding({ producers }: Audit): Found[] {
  const own = [...producers].filter(([, { exposures }]) => exposures > 0)
  const total = totalOf(own, 'exposures')
  const lacking = FIELDS.map((field) => ({ ...field, found: totalOf(own, field.count) })).filter(
    ({ found }) => found > 0 && found < total,
  )
  if (lacking.length === 0) return []
  const examples = own
    .filter(([, trace]) => lacking.some(({ count }) => trace[count] > 0))
    .map(([producerId, { sdk }]) => ({ producerId, sdk }))
    .slice(0, 5)
  const told = lacking.map(
    ({ found, lacks, so }) =>
      `${sayCount(found, 'exposure')} (${sayShare(found / total)}) lack ${lacks}: ${so}`,
  )
  return [
    {
      code: 'incomplete-record',
      severity: 'note',
      detail: `Of ${total.toLocaleString('en-US')} exposures, ${told.join('; ')}. The first such producer is ${examples[0]?.producerId} (${examples[0]?.sdk}).`,
      size: Math.max(...lacking.map(({ found }) => found)) / total,
      remedy: 'Bring every service to one version of the recorder, with one allow-list of features.',
      evidence: {
        lacking: Object.fromEntries(lacking.map(({ count, found }) => [count, found])),
        producers: examples,
      },
    },
  ]
}

function totalOf(
  producers: readonly (readonly [string, ProducerTrace])[],
  count: 'exposures' | 'unnumbered' | 'withoutContext',
): number {
  return producers.reduce((total, [, trace]) => total + trace[count], 0)
}
