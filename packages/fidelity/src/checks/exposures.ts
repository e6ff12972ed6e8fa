import type { FindingCode, JsonObject } from '@fairtrial/protocol'
import type { Audit } from '../audit.ts'
import type { ProducerTrace } from '../producer-trace.ts'
import { severityOf } from '../tolerance.ts'
import type { Tolerance } from '../tolerance.ts'
import type { TraceTotals } from '../trace-totals.ts'
import { sayCount, sayShare } from '../words.ts'
import type { Found } from '../found.ts'

/** Whether exposures are what the definition makes of their units. */
export function replayFindings(audit: Audit, totals: TraceTotals, tolerance: Tolerance): Found[] {
  const { replayed, mismatches, leaks, unknownVariants, exposures, examples } = totals
  return [
    ...shareFinding('replay-mismatch', mismatches, replayed, tolerance, {
      what: 'replayed exposures',
      which: `${sayMismatched(totals.mismatched)} than the definition gives the unit`,
      remedy: remedyOf(totals.mismatched),
      examples: examples.mismatch,
      evidence: { mismatched: { ...totals.mismatched } },
      producers: producersBy(audit, 'mismatches'),
    }),
    ...shareFinding('leak', leaks, replayed, tolerance, {
      what: 'replayed exposures',
      which: `of units that the holdout, the layer or the traffic leaves out${audit.beforeStart === null ? '' : ', or from before the start'}`,
      remedy: 'Look for a code path that serves an arm without asking assign.',
      examples: examples.leak,
      producers: producersBy(audit, 'leaks'),
    }),
    ...shareFinding('unknown-variant', unknownVariants, exposures, tolerance, {
      what: 'exposures',
      which: 'of a variant that the definition does not have',
      remedy: 'Look for a service that writes exposures by hand, or that runs another definition.',
      examples: examples.unknownVariant,
      producers: producersBy(audit, 'unknownVariants'),
    }),
    ...shareFinding('foreign-definition', audit.counts.foreignExposures, audit.counts.exposures, tolerance, {
      what: 'exposures',
      which: 'made under another definition than this one',
      remedy:
        'Bring every service to the same definition, or open a new phase. These exposures are left out.',
      examples: [...audit.foreignFingerprints],
      producers: producersBy(audit, 'foreign'),
    }),
  ]
}

type Mismatched = TraceTotals['mismatched']

function sayMismatched({ seed, bucket, arm }: Mismatched): string {
  const kinds = [seed > 0 && 'seed', bucket > 0 && 'bucket', arm > 0 && 'arm'].filter(
    (kind) => kind !== false,
  )
  return `another ${kinds.join(', in others another ')}`
}

/** What differs first says where to look. */
function remedyOf({ seed, bucket, arm }: Mismatched): string {
  if (seed > 0) return 'Look for a service with another salt or definition: the seed is the salt.'
  if (bucket > 0) {
    return 'Look for a service that hashes ids in its own way: UTF-16 in the place of UTF-8, another library version, an id that is changed between assign and expose.'
  }
  return arm > 0 ? 'Look for a service with other weights, or for altered events.' : ''
}

type ProducerShare = {
  readonly producerId: string
  readonly sdk: string
  readonly found: number
  readonly of: number
}

/** The producers that have most of them. */
function producersBy(
  { producers }: Audit,
  count: 'mismatches' | 'leaks' | 'unknownVariants' | 'foreign',
): ProducerShare[] {
  const some = [...producers].filter(([, trace]: [string, ProducerTrace]) => trace[count] > 0)
  return some
    .map(([producerId, trace]) => ({ producerId, sdk: trace.sdk, found: trace[count], of: trace.exposures }))
    .toSorted((a, b) => b.found - a.found || (a.producerId < b.producerId ? -1 : 1))
    .slice(0, 3)
}

function sayProducers([most]: readonly ProducerShare[], found: number): string {
  if (most === undefined) return ''
  const howMany = most.found >= found ? 'all' : `${most.found.toLocaleString('en-US')} of them`
  return `, ${howMany} by ${most.producerId} (${most.sdk})`
}

function shareFinding(
  code: FindingCode,
  found: number,
  of: number,
  tolerance: Tolerance,
  told: {
    readonly what: string
    readonly which: string
    readonly remedy: string
    readonly examples: readonly string[]
    readonly producers: readonly ProducerShare[]
    readonly evidence?: JsonObject
  },
): Found[] {
  if (found === 0) return []
  const share = found / of
  const { examples, producers } = told
  return [
    {
      code,
      severity: severityOf(share, tolerance),
      detail: `${found.toLocaleString('en-US')} of ${of.toLocaleString('en-US')} ${told.what} (${sayShare(share)}): ${told.which}${sayProducers(producers, found)}.`,
      remedy: told.remedy,
      evidence: {
        found,
        of,
        share,
        examples,
        ...told.evidence,
        producers: [...producers],
      },
    },
  ]
}

/** Exposures beyond a unit's first in its arm. */
export function repeatedFinding(totals: TraceTotals): Found[] {
  const repeated = totals.exposures - totals.unique - totals.unknownVariants
  if (repeated <= 0) return []
  const share = repeated / totals.exposures
  return [
    {
      code: 'repeated-exposures',
      severity: 'note',
      detail: `${sayCount(repeated, 'exposure')} of ${totals.exposures.toLocaleString('en-US')} repeat one that is there already (${sayShare(share)}); each counts once.`,
      remedy: 'There is nothing to mend: instances and retries write the same exposure under the same id.',
      evidence: { repeated, exposures: totals.exposures, share },
    },
  ]
}
