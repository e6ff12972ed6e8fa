import { defineExperiment, ReadinessReport } from '@fairtrial/protocol'
import type { ContractReport, Experiment, LogEvent, ReadinessCheckName } from '@fairtrial/protocol'
import { expect, it } from 'vitest'
import { END, MINUTE, recordedLog } from '../../test/recorded-log.ts'
import { definition } from '../../test/synthetic-log.ts'
import { createDryRun, dryRunReport, foldDryRun } from './dry-run.ts'
import { readinessReport } from './readiness-report.ts'
import type { ReadinessEvidence, ReadinessOptions } from './readiness-report.ts'
import type { LockOutcome } from './reproducible-analysis.ts'

const plan = {
  ...definition,
  key: 'ready-ranking',
  metrics: {
    watched: { type: 'count', role: 'primary', direction: 'increase', window: '30m', event: 'started' },
    started: { type: 'proportion', role: 'guardrail', direction: 'increase', window: '1m' },
  },
} as const
const trial = defineExperiment(plan)
const another = defineExperiment({ ...plan, salt: 'another' })
const crashed = {
  type: 'proportion',
  role: 'secondary',
  direction: 'decrease',
  window: '30m',
  rareEvents: true,
  baseline: { mean: 0.001, variance: 0.001 },
} as const
const rare = defineExperiment({ ...plan, metrics: { ...plan.metrics, crashed } })

const DAY = 86_400_000
const now = END + DAY
const contractOf = ({ key, fingerprint }: Experiment): ContractReport => ({
  schema: 'fairtrial.contract/1',
  experiment: key,
  fingerprint,
  madeAt: now - DAY,
  sdk: '@fairtrial/exposure/0.0.0',
  runs: ['control', 'model'].map((arm) => ({ arm, exposures: 2, outcomes: 2 })),
})
const contract = contractOf(trial)

const clean = recordedLog({ of: trial, units: 1_500 })
const dryRunOf = (events: readonly LogEvent[], of: Experiment = trial) => {
  const dryRun = createDryRun(of, { phase: 1 })
  for (let from = 0; from < events.length; from += 700) foldDryRun(dryRun, events.slice(from, from + 700))
  return dryRunReport(dryRun, { asOf: now })
}
const dryRun = dryRunOf(clean)

const lockOf = (exposures: number, of: Experiment = trial): LockOutcome => ({
  experiment: of.key,
  fingerprint: of.fingerprint,
  verified: true,
  sha256: 'a'.repeat(64),
  changes: [],
  exposures,
})
const lock = lockOf(dryRun.audit.counts.exposures)

const judge = (changes: Partial<ReadinessEvidence> = {}, options: Partial<ReadinessOptions> = {}) =>
  readinessReport(trial, { contract, dryRun, lock, ...changes }, { now, ...options })
/** Of a log of its own, whose analysis is locked as well. */
const judgeLog = (events: readonly LogEvent[]) => {
  const report = dryRunOf(events)
  return judge({ dryRun: report, lock: lockOf(report.audit.counts.exposures) })
}
const failed = ({ checks }: ReadinessReport): readonly ReadinessCheckName[] =>
  checks.filter(({ passed }) => !passed).map(({ check }) => check)
const checkOf = ({ checks }: ReadinessReport, name: ReadinessCheckName) =>
  checks.find(({ check }) => check === name)!

it('FEATURES A11: lets a trial begin that has passed every check, and says by how much', () => {
  const report = judge()
  expect(failed(report)).toEqual([])
  expect(ReadinessReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report)
  const { control, model } = dryRun.audit.sampleRatio!.observed
  expect(report.checks.map(({ detail }) => detail)).toEqual([
    'Verified 24 h ago in each arm: control 2 exposures, 2 outcomes; model 2 exposures, 2 outcomes.',
    expect.stringMatching(
      /^control \d+ units, model \d+ units; 1,\d+ assignments replayed, 0 differ; 4 producers, all at their end\./,
    ),
    expect.stringMatching(
      /^watched \(started\) control \d+, model \d+; started control .* 1m are waited for\.$/,
    ),
    expect.stringContaining(
      `control ${control} units, model ${model} units, by weights 1:1: anytime-valid p`,
    ),
    expect.stringContaining('the analysis is the same, byte for byte: sha256 aaaaaaaaaaaa.'),
  ] as string[])
  expect(report.checks.every(({ remedy }) => remedy === '')).toBe(true)
})

it('FEATURES A11: lets nothing begin of which something was not looked at', () => {
  expect(failed(judge({ contract: null }))).toEqual(['contract-test'])
  expect(failed(judge({ lock: null }))).toEqual(['reproducible-analysis'])
  expect(failed(judge({ dryRun: null }))).toEqual([
    'dry-run',
    'metric-freshness',
    'sample-ratio',
    'reproducible-analysis',
  ])
  const nothing = judge({ contract: null, dryRun: null, lock: null })
  expect(nothing.checks.map(({ passed, remedy }) => passed || remedy === '')).toEqual(Array(5).fill(false))
  const empty = judgeLog([])
  expect(empty.ready).toBe(false)
  expect(failed(empty)).toEqual(['dry-run', 'metric-freshness', 'sample-ratio'])
})

it('takes a log that is wholly of another definition for no dry run of this one', () => {
  const report = judgeLog(recordedLog({ of: another, units: 1_500 }))
  expect(failed(report)).toContain('dry-run')
  expect(report.checks.filter(({ passed }) => passed).map(({ check }) => check)).not.toContain('sample-ratio')
  const { detail } = checkOf(report, 'dry-run')
  expect(detail).toContain('foreign-definition: ')
  expect(detail).toContain('Arm control has 0 units of this definition; 50 are needed.')
})

it.each<[what: string, contract: ContractReport, told: RegExp]>([
  [
    'of another definition',
    contractOf(another),
    /^The contract test is of ready-ranking .*, and the definition is/,
  ],
  ['of long ago', { ...contract, madeAt: now - 8 * DAY }, /is 8 days old; at most 7 days is allowed/],
  ['of tomorrow', { ...contract, madeAt: now + DAY }, /is dated 24 h ahead/],
  ['of one arm', { ...contract, runs: contract.runs.slice(1) }, /no exposure in arm control/],
  [
    'in no given arm',
    { ...contract, runs: [{ arm: null, exposures: 9, outcomes: 9 }] },
    /no exposure in arm model/,
  ],
  [
    'that tracked nothing in an arm',
    { ...contract, runs: contract.runs.map((run) => ({ ...run, outcomes: run.arm === 'model' ? 0 : 1 })) },
    /^It has no outcome in arm model/,
  ],
])('refuses a contract test %s', (_, given, told) => {
  const report = judge({ contract: given })
  expect(failed(report)).toEqual(['contract-test'])
  expect(checkOf(report, 'contract-test').detail).toMatch(told)
})

const isExposure = (event: LogEvent) => event.schema === 'fairtrial.exposure/1'
const isStarted = (event: LogEvent) => event.schema === 'fairtrial.outcome/1'
const isFinal = (event: LogEvent) => event.schema === 'fairtrial.producer/1' && event.isFinal

it.each<[what: string, events: readonly LogEvent[], told: RegExp]>([
  [
    'of which a part is of another definition',
    clean.map((event, i) =>
      isExposure(event) && i % 20 === 0 ? { ...event, fingerprint: another.fingerprint } : event,
    ),
    /^foreign-definition: /,
  ],
  [
    'in other buckets than the definition gives',
    clean.map((event, i) => (isExposure(event) && i % 20 === 0 ? { ...event, bucket: 17 } : event)),
    /^replay-mismatch: /,
  ],
  [
    'that one service has not ended',
    clean.filter((event) => !isFinal(event) || event.producerId !== 'service-1-2'),
    /1 of 4 producers left no final account, service-1-2 among them/,
  ],
  [
    'of services that give no account',
    clean.filter((event) => event.schema !== 'fairtrial.producer/1'),
    /4 of 4 producers left no final account/,
  ],
])('refuses a dry run %s', (_, events, told) => {
  const report = judgeLog(events)
  expect(failed(report)).toEqual(['dry-run'])
  expect(checkOf(report, 'dry-run').detail).toMatch(told)
})

it('refuses a dry run with lines that were no event, and one of long ago', () => {
  const torn = createDryRun(trial, { phase: 1 })
  foldDryRun(torn, clean, { unreadableLines: 1 })
  const report = judge({ dryRun: dryRunReport(torn, { asOf: now }) })
  expect(failed(report)).toEqual(['dry-run'])
  expect(checkOf(report, 'dry-run').detail).toMatch(/^unreadable-lines: 1 line of the log/)
  const old = judge({}, { now: now + 7 * DAY, maximumAge: 30 * DAY })
  expect(failed(old)).toEqual([])
  expect(failed(judge({ contract: { ...contract, madeAt: now + 7 * DAY } }, { now: now + 7 * DAY }))).toEqual(
    ['dry-run'],
  )
})

it('refuses a dry run of few units, and says what they could not have shown', () => {
  const few = judgeLog(recordedLog({ of: trial, units: 60 }))
  expect(failed(few)).toEqual(expect.arrayContaining(['dry-run', 'sample-ratio']))
  expect(checkOf(few, 'dry-run').detail).toMatch(
    /^Arm control has \d\d units of this definition; 50 are needed/,
  )
  const ratio = checkOf(few, 'sample-ratio')
  expect(ratio.detail).toMatch(
    /^5\d units could have shown no loss below \d[.\d]+ % .* a loss of 50 % must show/,
  )
  expect(ratio.remedy).toMatch(/about \d+ units are enough/)
})

/** What a service sends under a name that the plan does not know. */
const renamed = (event: LogEvent): LogEvent =>
  event.schema === 'fairtrial.outcome/1' ? { ...event, name: 'began' } : event

it('refuses a metric that is never sent, or in one arm only, or outside its window', () => {
  const model = new Set(
    clean.flatMap((event) =>
      event.schema === 'fairtrial.exposure/1' && event.variant === 'model' ? [event.unitId] : [],
    ),
  )
  const never = judgeLog(clean.map((event) => renamed(event)))
  expect(failed(never)).toEqual(['metric-freshness'])
  expect(checkOf(never, 'metric-freshness').detail).toMatch(
    /Metric started: no event in control \(\d+ units\), model/,
  )
  const inOne = judgeLog(
    clean.map((event) => ('unitId' in event && model.has(event.unitId) ? renamed(event) : event)),
  )
  expect(failed(inOne)).toEqual(['metric-freshness'])
  expect(checkOf(inOne, 'metric-freshness').detail).toMatch(
    /Metric started: no event in model \(\d+ units\)\./,
  )
  const before = clean.map((event) =>
    event.schema === 'fairtrial.outcome/1' ? { ...event, occurredAt: event.occurredAt - 4_000 } : event,
  )
  expect(failed(judgeLog(before))).toContain('metric-freshness')
})

it('refuses a metric that comes late, or ceases', () => {
  const late = judgeLog(
    clean.map(
      (event) =>
        (isStarted(event) ? { ...event, receivedAt: event.receivedAt! + 90_000 } : event) as LogEvent,
    ),
  )
  expect(failed(late)).toEqual(['metric-freshness'])
  expect(checkOf(late, 'metric-freshness').detail).toMatch(
    /Metric started: .* came later than 1m, the latest after 1\.5 min/,
  )
  const ceased = judgeLog(
    clean.filter((event) => event.schema !== 'fairtrial.outcome/1' || event.occurredAt < END - 60 * MINUTE),
  )
  expect(failed(ceased)).toContain('metric-freshness')
  expect(checkOf(ceased, 'metric-freshness').detail).toMatch(
    /the newest event in control is 5\d.* min older than the last exposure; at most 10 min/,
  )
})

it('takes lateness that was not measured for late, unless it is allowed', () => {
  const untold = clean.map((event, i) => {
    const { receivedAt: _, ...told } = event as LogEvent & { receivedAt?: number }
    // One event that tells is no measurement.
    return isStarted(event) && i === clean.findIndex(isStarted) ? event : (told as LogEvent)
  })
  const dryRun = dryRunOf(untold)
  const evidence = { dryRun, lock: lockOf(dryRun.audit.counts.exposures) }
  const report = judge(evidence)
  expect(failed(report)).toEqual(['metric-freshness'])
  expect(checkOf(report, 'metric-freshness')).toMatchObject({
    detail: expect.stringContaining('were received, so that their lateness was not measured.') as string,
    remedy: expect.stringContaining('--allow-unmeasured lateness') as string,
  })
  const allowed = judge(evidence, { unmeasured: ['lateness'] })
  expect(failed(allowed)).toEqual([])
  expect(checkOf(allowed, 'metric-freshness').detail).toMatch(
    /their lateness was not measured\. That is allowed here\.$/,
  )
  expect(() => judge(evidence, { unmeasured: ['late'] })).toThrow(
    'The plan has no "late" that may go unmeasured. It has lateness.',
  )
})

/** The log in which the outcomes of some units of an arm come under another name. */
const arriving = (variant: string, isThere: (index: number) => boolean) => {
  const units = clean.flatMap((event) =>
    event.schema === 'fairtrial.exposure/1' && event.variant === variant ? [event.unitId] : [],
  )
  const missing = new Set(units.filter((_, index) => !isThere(index)))
  return clean.map((event) => ('unitId' in event && missing.has(event.unitId) ? renamed(event) : event))
}

it('refuses a metric of which one arm has lost much, and lets an effect pass', () => {
  const few = arriving('model', (index) => index < 9)
  expect(failed(judgeLog(few))).toEqual(['metric-freshness'])
  const half = arriving('model', (index) => index % 2 === 0)
  expect(failed(judgeLog(half))).toEqual(['metric-freshness'])
  expect(checkOf(judgeLog(half), 'metric-freshness')).toMatchObject({
    detail: expect.stringMatching(
      /Metric started: \d+ of \d+ units \([\d.]+ %\) in control, \d+ of \d+ units \([\d.]+ %\) in model have started; anytime-valid p/,
    ) as string,
    remedy: expect.stringContaining('--allow-uneven started') as string,
  })
  const dryRun = dryRunOf(half)
  const evidence = { dryRun, lock: lockOf(dryRun.audit.counts.exposures) }
  expect(failed(judge(evidence, { unevenMetrics: ['watched', 'started'] }))).toEqual([])
  expect(failed(judgeLog(arriving('model', (index) => index % 10 > 0)))).toEqual([])
})

it('refuses a metric of which too few units are there to show a loss of half an arm', () => {
  const few = judgeLog(
    clean.map((event) =>
      event.schema === 'fairtrial.outcome/1' && !/[05]$/.test(event.unitId) ? renamed(event) : event,
    ),
  )
  const { detail, remedy } = checkOf(few, 'metric-freshness')
  expect(detail).toMatch(
    /units with started could have shown no loss below [\d.]+ % of an arm's; a loss of 50 % must show/,
  )
  expect(remedy).toMatch(/about \d+ units with started are enough/)
  expect(failed(few)).toEqual(['metric-freshness'])
})

it('asks whoever tracked the plan’s outcomes for a final account, exposures or not', () => {
  const elsewhere = clean.map((event, i) =>
    isStarted(event) && i % 40 === 0 ? { ...event, producerId: 'back-end', sequence: i / 40 + 1 } : event,
  )
  const { producers, unfinished } = dryRunOf(elsewhere)
  expect(producers).toBe(5)
  expect(unfinished).toContain('back-end')
  expect(checkOf(judgeLog(elsewhere), 'dry-run').detail).toContain('back-end')
})

it('tells how old the oldest evidence is, and keeps to the age that the plan allows', () => {
  const { endedAt } = dryRun
  expect(judge().oldestEvidenceAt).toBe(Math.min(endedAt!, contract.madeAt))
  expect(judge({ contract: { ...contract, madeAt: endedAt! - DAY } }).oldestEvidenceAt).toBe(endedAt! - DAY)
  expect(judge({ contract: null, dryRun: null })).not.toHaveProperty('oldestEvidenceAt')
  const gated = defineExperiment({
    ...plan,
    ramp: { ...plan.ramp, start: { readiness: true, maximumAge: '12h' } },
  })
  expect(gated.fingerprint).toBe(trial.fingerprint)
  const late = readinessReport(gated, { contract, dryRun, lock }, { now, maximumAge: 30 * DAY })
  expect(failed(late)).toEqual(['contract-test', 'dry-run'])
  expect(checkOf(late, 'dry-run').detail).toContain('at most 12 h is allowed')
})

it('refuses a covariate, a dimension and an input that never come, by name', () => {
  const [seen, other] = ['platform', 'country'].map((column) =>
    defineExperiment({
      ...plan,
      metrics: {
        ...plan.metrics,
        watched: { ...plan.metrics.watched, covariates: [{ event: 'visited', before: '2h' }] },
      },
      dimensions: { where: { known: 'before-exposure', column } },
      inputs: { [column]: { type: 'text', action: 'warn' } },
    }),
  ) as [Experiment, Experiment]
  const judgeOf = (of: Experiment, log: readonly LogEvent[], options: Partial<ReadinessOptions> = {}) => {
    const report = dryRunOf(log, of)
    const evidence = {
      contract: contractOf(of),
      dryRun: report,
      lock: lockOf(report.audit.counts.exposures, of),
    }
    return readinessReport(of, evidence, { now, ...options })
  }
  const log = recordedLog({ of: other, units: 1_500 })
  const without = judgeOf(other, log)
  expect(failed(without)).toEqual(['metric-freshness'])
  const { detail, remedy } = checkOf(without, 'metric-freshness')
  expect(detail).toContain(
    'Covariate visited: no unit in control, model has visited in the 2h before their first exposure.',
  )
  expect(detail).toContain('Dimension where: no unit in control, model has country in the context')
  expect(detail).toContain('Input country: no unit in control, model has country in the context')
  const names = ['covariate:visited', 'dimension:where', 'input:country']
  for (const name of names) expect(remedy).toContain(`--allow-unmeasured ${name}.`)
  const allowed = judgeOf(other, log, { unmeasured: names })
  expect(failed(allowed)).toEqual([])
  expect(checkOf(allowed, 'metric-freshness').detail.match(/That is allowed here/g)).toHaveLength(3)

  const plain = recordedLog({ of: seen, units: 1_500 })
  // What comes after the first exposure is no covariate.
  const visited = (afterMs: number) =>
    plain.flatMap((event, i): readonly LogEvent[] =>
      event.schema === 'fairtrial.exposure/1'
        ? [
            event,
            {
              schema: 'fairtrial.outcome/1',
              producerId: 'before',
              sequence: i + 1,
              sdk: event.sdk,
              outcomeId: `v/${event.unitId}`,
              name: 'visited',
              unitType: 'viewer',
              unitId: event.unitId,
              value: 1,
              occurredAt: event.exposedAt + afterMs,
              receivedAt: event.exposedAt + Math.max(0, afterMs),
            } satisfies LogEvent,
          ]
        : [event],
    )
  expect(checkOf(judgeOf(seen, visited(-60_000)), 'metric-freshness')).toMatchObject({ passed: true })
  expect(checkOf(judgeOf(seen, visited(60_000)), 'metric-freshness').detail).toMatch(
    /^Covariate visited: no unit/,
  )
})

it('takes a rare event that nobody saw for a metric that does not come, unless it is allowed by name', () => {
  const dryRun = dryRunOf(recordedLog({ of: rare, units: 1_500 }), rare)
  const evidence = { contract: contractOf(rare), dryRun, lock: lockOf(dryRun.audit.counts.exposures, rare) }
  const refused = readinessReport(rare, evidence, { now })
  expect(failed(refused)).toEqual(['metric-freshness'])
  const { detail, remedy } = checkOf(refused, 'metric-freshness')
  expect(detail).toMatch(
    /Metric crashed: no event in control .* by its baseline about 1\.\d were to be expected there/,
  )
  expect(remedy).toContain('--allow-unseen crashed')
  const allowed = readinessReport(rare, evidence, { now, unseenMetrics: ['crashed'] })
  expect(failed(allowed)).toEqual([])
  expect(checkOf(allowed, 'metric-freshness').detail).toContain('That is allowed here.')
  expect(() => readinessReport(rare, evidence, { now, unseenMetrics: ['started'] })).toThrow(
    'started may not go unseen: the plan does not declare it as rare (rareEvents). Those of rare events are crashed.',
  )
})

it('refuses a split of 60 to 40 though every event that is there is right', () => {
  const lossy = recordedLog({
    of: trial,
    units: 1_500,
    faults: { unexposed: ({ variant, drawn }) => variant === 'model' && drawn < 1 / 3 },
  })
  const report = judgeLog(lossy)
  expect(failed(report)).toEqual(['sample-ratio'])
  expect(checkOf(report, 'sample-ratio').detail).toMatch(/Sample ratio mismatch: .*anytime-valid p/)
})

it.each<[what: string, change: Partial<LockOutcome>, told: RegExp]>([
  ['of another definition', { fingerprint: another.fingerprint }, /^The locked analysis is of ready-ranking/],
  [
    'that does not come out the same',
    { verified: false, sha256: null },
    /^The locked analysis does not come out the same again/,
  ],
  [
    'whose log was edited, though the answer is the same',
    { changes: [{ what: 'input', detail: 'a.ndjson has been edited.' }] },
    /^a\.ndjson has been edited\./,
  ],
  [
    'that has read less than there is',
    { exposures: 10 },
    /^The locked analysis has read 10 exposures; the dry run has 2,\d+\./,
  ],
  ['of a table', { exposures: null }, /^The locked analysis has read no log/],
])('refuses an analysis %s', (_, change, told) => {
  const report = judge({ lock: { ...lock, ...change } })
  expect(failed(report)).toEqual(['reproducible-analysis'])
  expect(checkOf(report, 'reproducible-analysis').detail).toMatch(told)
})

it('takes the same answer of another version for the same answer', () => {
  const report = judge({ lock: { ...lock, changes: [{ what: 'code', detail: 'Made by fairtrial 1.' }] } })
  expect(failed(report)).toEqual([])
  expect(checkOf(report, 'reproducible-analysis').detail).toContain('Made by fairtrial 1.')
})
