import type { Experiment, ExposureEvent } from '@fairtrial/protocol'
import { addTo } from './by-arm.ts'
import type { DimensionProfile } from './unit-profile.ts'

/** Units that are alike in every dimension, by arm. */
export interface Stratum {
  /** In the order of the dimensions. */
  readonly segments: readonly string[]
  readonly counts: number[]
}

/** The units of a phase along the dimensions that its exposures tell. */
export interface Strata {
  readonly dimensions: readonly LogDimension[]
  /** By the segments, joined. */
  readonly byKey: Map<string, Stratum>
  /** Of each dimension, the texts that are told apart. */
  readonly known: readonly Set<string>[]
}

/** A way to part the units of a log. */
interface LogDimension {
  readonly name: string
  readonly maximumSegments: number
  readonly segmentOf: (event: ExposureEvent) => string
}

/** Texts of one dimension that are told apart; what comes after them is all one. */
const MAXIMUM_TEXTS = 1_000
const OTHERS = '(others)'
/** Of a unit whose exposure does not tell. */
export const UNKNOWN = '(unknown)'

const HOUR_MS = 3_600_000

/** The plan's dimensions, where the exposure's context has them; SDK, producer and hour of the day (UTC) in any case. */
export function createStrata({ dimensions = {} }: Experiment): Strata {
  const planned = Object.entries(dimensions).map(([name, { column, maximumSegments }]) => ({
    name,
    maximumSegments,
    segmentOf: ({ context }: ExposureEvent) => {
      if (context === undefined || !Object.hasOwn(context.features, column)) return UNKNOWN
      return String(context.features[column])
    },
  }))
  const ofEveryLog: LogDimension[] = [
    { name: 'sdk', maximumSegments: 10, segmentOf: ({ sdk }) => sdk },
    { name: 'producer', maximumSegments: 20, segmentOf: ({ producerId }) => producerId },
    {
      name: 'hour (UTC)',
      maximumSegments: 24,
      segmentOf: ({ exposedAt }) =>
        String(Math.floor((((exposedAt / HOUR_MS) % 24) + 24) % 24)).padStart(2, '0'),
    },
  ]
  const all = [...planned, ...ofEveryLog]
  return { dimensions: all, byKey: new Map(), known: all.map(() => new Set()) }
}

/** Where a unit stands whose first exposure this is. */
export function stratumOf({ dimensions, byKey, known }: Strata, event: ExposureEvent): Stratum {
  const segments = dimensions.map(({ segmentOf }, index) => {
    const text = segmentOf(event)
    const texts = known[index]
    if (texts === undefined || texts.has(text)) return text
    if (texts.size >= MAXIMUM_TEXTS) return OTHERS
    texts.add(text)
    return text
  })
  const key = segments.join('\u0000')
  let stratum = byKey.get(key)
  if (stratum === undefined) byKey.set(key, (stratum = { segments, counts: [] }))
  return stratum
}

/** The units of some phases along each dimension. One in which all units are alike tells nothing and is left out. */
export function profilesOf(phases: readonly Strata[]): DimensionProfile[] {
  const [first] = phases
  if (first === undefined) return []
  const profiles = first.dimensions.map(({ name, maximumSegments }, index) => {
    const segments = new Map<string, number[]>()
    for (const { byKey } of phases) {
      for (const stratum of byKey.values()) {
        const text = stratum.segments[index] ?? UNKNOWN
        let counts = segments.get(text)
        if (counts === undefined) segments.set(text, (counts = []))
        for (const [arm, count] of stratum.counts.entries()) addTo(counts, arm, count ?? 0)
      }
    }
    return { dimension: name, maximumSegments, segments }
  })
  return profiles.filter(({ segments }) => segments.size > 1)
}
