import type { AuditReport, Finding, FindingCode, JsonValue } from '@fairtrial/protocol'
import { type Faults, hashedRaw, MINUTE, type Visit, withAnotherSalt } from './recorded-log.ts'

/** One way in which a log goes wrong, and how the audit must tell it. */
export interface Corruption {
  readonly name: string
  /** What is done to the log, as a claim goes on: `… that <what> is found`. */
  readonly what: string
  readonly faults: Faults
  /** The finding that must be there, as a caution or worse; as a note where that is all it is. */
  readonly code: FindingCode
  readonly isNote?: boolean
  /** Whether the finding names where the fault is: the producer, the arm or the segment. Absent where it is in no one place. */
  readonly isNamed?: (finding: Finding) => boolean
}

const SECOND_PRODUCER = /^service-\d+-1$/
const isModel = ({ variant }: Visit) => variant === 'model'
const isOfSecond = ({ producer }: Visit) => producer === 1

/** The second producer is told, by name. */
const namesProducer = ({ evidence }: Finding): boolean => {
  const producers = (evidence['producers'] ?? []) as readonly { readonly producerId?: string }[]
  const [first] = producers
  return SECOND_PRODUCER.test(String(first?.producerId))
}
/** Of a table by arm, the arm with the most is the model. */
const hasMost = (field: string) =>
  function ({ evidence }: Finding): boolean {
    const counts = Object.entries((evidence[field] ?? {}) as { readonly [arm: string]: number })
    return counts.toSorted(([, a], [, b]) => b - a)[0]?.[0] === 'model'
  }
const namesWorst = ({ evidence }: Finding): boolean => {
  const worst = evidence['worst'] as { readonly [field: string]: JsonValue } | undefined
  return worst?.['variant'] === 'model'
}
const lowest = (of: string, from: string) =>
  function ({ evidence }: Finding): boolean {
    const some = (evidence[of] ?? {}) as { readonly [arm: string]: number }
    const all = (evidence[from] ?? {}) as { readonly [arm: string]: number }
    const rate = (arm: string) => (some[arm] ?? 0) / (all[arm] ?? 1)
    return rate('model') < rate('control')
  }

const oneArmedLoss = [1, 2, 5].flatMap((percent): Corruption[] => {
  const isHit = (visit: Visit) => isModel(visit) && visit.chance() < percent / 100
  return [
    {
      name: `numbered-loss-${percent}`,
      what: `${percent} % of one arm's exposures are lost after they were numbered`,
      faults: { lost: isHit },
      code: 'loss-by-arm',
      isNamed: namesWorst,
    },
    {
      name: `unnumbered-loss-${percent}`,
      what: `${percent} % of one arm's assignments never reach expose`,
      faults: { unexposed: isHit },
      code: 'funnel',
      isNamed: lowest('offered', 'assigned'),
    },
  ]
})

/** What the audit is measured with. Faults of one producer are the second's, faults of one arm the model's. */
export const corruptions: readonly Corruption[] = [
  ...oneArmedLoss,
  {
    name: 'loss-of-a-platform',
    what: 'half of the exposures of one arm on one platform are lost before they are numbered',
    faults: {
      unexposed: (visit) => isModel(visit) && visit.platform === 'phone' && visit.drawn < 0.5,
    },
    code: 'sample-ratio-segment',
    isNamed: ({ evidence }) => {
      const [worst] = evidence['segments'] as readonly { readonly segment: string }[]
      return evidence['dimension'] === 'platform' && worst?.segment === 'phone'
    },
  },
  {
    name: 'tail-loss',
    what: "one producer's last exposures of one arm never arrive, in front of its account",
    faults: {
      lost: (visit) => isModel(visit) && isOfSecond(visit) && visit.share > 0.93,
    },
    code: 'loss-by-arm',
    isNamed: (finding) =>
      namesWorst(finding) &&
      SECOND_PRODUCER.test(
        String((finding.evidence['worst'] as { readonly producerId?: string }).producerId),
      ),
  },
  {
    name: 'killed-producer',
    what: 'one producer dies without a final account',
    faults: { isKilled: (producer) => producer === 1 },
    code: 'unfinished-producer',
    isNote: true,
    isNamed: ({ evidence }) => SECOND_PRODUCER.test(String((evidence['examples'] as readonly string[])[0])),
  },
  {
    name: 'duplicates',
    what: 'a tenth of the exposures of one arm and one producer arrive up to three times',
    faults: {
      again: (visit) =>
        isModel(visit) && isOfSecond(visit) && visit.chance() < 0.1 ? 1 + Math.floor(2 * visit.chance()) : 0,
    },
    code: 'duplicates-by-arm',
    isNamed: (finding) =>
      hasMost('marked')(finding) &&
      SECOND_PRODUCER.test(
        String((finding.evidence['producer'] as { readonly producerId?: string } | null)?.producerId),
      ),
  },
  {
    name: 'another-salt',
    what: 'one service of four hashes with another salt',
    faults: { alter: (arm, visit) => (isOfSecond(visit) ? withAnotherSalt(arm) : {}) },
    code: 'replay-mismatch',
    isNamed: (finding) => namesProducer(finding) && (finding.evidence['mismatched'] as Mismatched).seed > 0,
  },
  {
    name: 'raw-utf16',
    what: 'one service of four hashes the UTF-16 of ids, a tenth of which are not ASCII',
    faults: { alter: (arm, visit) => (isOfSecond(visit) ? hashedRaw(arm) : {}) },
    code: 'replay-mismatch',
    isNamed: (finding) => {
      const { seed, bucket } = finding.evidence['mismatched'] as Mismatched
      return namesProducer(finding) && seed === 0 && bucket > 0
    },
  },
  {
    name: 'stale-instance',
    what: 'one instance of four never hears of the second revision',
    faults: { isStale: (producer) => producer === 1 },
    code: 'stale-revision',
    isNamed: namesProducer,
  },
  {
    name: 'bot',
    what: 'a bot of two ids visits 6,000 times',
    faults: { visits: (index) => (index === 7 || index === 8 ? 3_000 : undefined), isCrawler: () => false },
    code: 'unusual-units',
    isNamed: ({ evidence }) =>
      /-[78]$/.test((evidence['examples'] as readonly { readonly unitId: string }[])[0]?.unitId ?? ''),
  },
  {
    name: 'clock-ahead',
    what: 'one producer of four has a clock two minutes ahead',
    faults: { clock: (producer) => (producer === 1 ? 2 * MINUTE : 0) },
    code: 'clock-skew',
    isNamed: namesProducer,
  },
  {
    name: 'clock-of-1970',
    what: 'one producer of four has a clock that was never set',
    faults: { clock: (producer) => (producer === 1 ? -Date.UTC(2026, 0, 5) : 0) },
    code: 'clock-skew',
    isNamed: namesProducer,
  },
  {
    name: 'leak',
    what: 'one service of four exposes units that are held out',
    faults: { isLeaked: isOfSecond },
    code: 'leak',
    isNamed: namesProducer,
  },
  {
    name: 'edited-arms',
    what: 'one service of four writes a fifth of its units in the other arm',
    faults: {
      alter: ({ variant }, visit) =>
        isOfSecond(visit) && visit.drawn < 0.2 ? { variant: variant === 'model' ? 'control' : 'model' } : {},
    },
    code: 'replay-mismatch',
    isNamed: namesProducer,
  },
  {
    name: 'sticky-bias',
    what: 'one arm remembers three times as many earlier ids',
    faults: { isSticky: (visit) => visit.drawn < (isModel(visit) ? 0.12 : 0.04) },
    code: 'sticky-assignments',
    isNamed: hasMost('sticky'),
  },
  {
    name: 'trigger-imbalance',
    what: 'one arm misses a quarter of its triggers',
    faults: { isTriggered: (visit) => visit.drawn < (isModel(visit) ? 0.45 : 0.6) },
    code: 'trigger-imbalance',
    isNamed: lowest('triggered', 'exposed'),
  },
  {
    name: 'exclusion-bias',
    what: 'a rule takes three times as many units of one arm for crawlers',
    faults: { isCrawler: (visit) => visit.drawn < (isModel(visit) ? 0.06 : 0.02) },
    code: 'excluded-traffic',
    isNamed: ({ evidence }) => {
      const rules = evidence['rules'] as { readonly [rule: string]: { readonly units: Arms } }
      const { control = 0, model = 0 } = rules['bots']?.units ?? {}
      return model > control
    },
  },
]

type Arms = { readonly [arm: string]: number }
type Mismatched = { readonly [what in 'seed' | 'bucket' | 'arm']: number }

/** The finding of a corruption; a note is none, where more is claimed. */
export function findingOf(
  { findings }: AuditReport,
  { code, isNote = false }: Corruption,
): Finding | undefined {
  return findings.find((finding) => finding.code === code && (isNote || finding.severity !== 'note'))
}
