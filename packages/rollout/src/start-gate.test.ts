import type { ExperimentError, ReadinessReport, RolloutState } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { HOUR, makeAudit, makeEvaluation, makeExperiment, makeReadiness, MINUTE } from '../test/fixture.ts'
import { clearedSince } from './cleared-since.ts'
import { decide } from './decide.ts'
import { operate, type OrderAction } from './operate.ts'
import { ungated } from './start-gate.ts'
import { startRollout } from './start.ts'
import { transition } from './transition.ts'

const DAY = 24 * HOUR
const NOW = 100 * DAY

const plain = makeExperiment()
const gatedBy = (start: NonNullable<typeof plain.ramp.start>) =>
  makeExperiment({ ramp: { ...plain.ramp, start } })
const experiment = gatedBy({ readiness: true, approvals: 1 })
const opened = startRollout(experiment, { now: NOW })

const order = (
  state: RolloutState,
  action: OrderAction,
  by = 'ada',
  {
    now = NOW,
    report,
    of = experiment,
  }: { now?: number; report?: ReadinessReport; of?: typeof experiment } = {},
) => operate(of, state, { action, by, reason: `${by} says so.`, ...(report && { report }) }, now)!
const ready = (state: RolloutState, now = NOW, madeAt = now) =>
  order(state, 'ready', 'ci', { now, report: makeReadiness(experiment, madeAt) }).to
const approved = (state: RolloutState, by = 'bob') => order(state, 'approve', by).to

const decided = (state: RolloutState, now = NOW, of = experiment) =>
  decide({ experiment: of, state, evaluation: null, audit: null, now })
const next = (state: RolloutState, now = NOW, of = experiment) =>
  transition(of, state, decided(state, now, of), { now, by: 'controller' })?.to

describe('a phase that awaits its start', () => {
  it('FEATURES A11: is open, enrols nobody, and says what is asked for', () => {
    expect(opened).toMatchObject({
      status: 'holding',
      awaitsStart: true,
      trafficPercent: 0,
      stage: 0,
      holdingSince: null,
    })
    expect(opened.cause).toBe(
      'Phase 1 is open and enrols nobody until there is a readiness report that passes every check and 1 approval.',
    )
  })

  it('begins at once where the plan asks for nothing, and where a trial is only walked', () => {
    for (const of of [plain, gatedBy({}), gatedBy({ readiness: false, approvals: 0, maximumAge: '1d' })]) {
      expect(startRollout(of, { now: NOW })).toEqual(startRollout(plain, { now: NOW }))
    }
    expect(startRollout(ungated(experiment), { now: NOW })).toEqual(startRollout(plain, { now: NOW }))
  })

  it('FEATURES A11: holds for what is missing, with what to do, and no clock runs', () => {
    const at = (now: number) => decided(opened, now)
    expect(at(NOW)).toMatchObject({ action: 'hold', rule: 'awaiting-start' })
    expect(at(NOW).reasons).toEqual([
      'A readiness report that passes every check is missing: make it with fairtrial ready, and give it with fairtrial rollout ready ranking.',
      'The start waits for people: 1 must approve, and nobody yet did; any operator may, with fairtrial rollout approve ranking --revision 1.',
    ])
    expect(at(NOW).changesWhen).toEqual([
      'The start: when a readiness report that passes every check is given and 1 more person approves.',
    ])
    // A year is longer than the longest hold, and than the horizon.
    expect(at(NOW + 365 * DAY).rule).toBe('awaiting-start')
    expect(next(opened, NOW + 365 * DAY)).toBeUndefined()
  })

  it('asks no evidence: not even harm, for nobody is served', () => {
    const evaluation = makeEvaluation(experiment, NOW, 10_000, { started: 'breach' })
    const decision = decide({
      experiment,
      state: approved(ready(opened)),
      evaluation,
      audit: makeAudit(experiment, NOW),
      now: NOW,
    })
    expect(decision.rule).toBe('start')
  })

  it('FEATURES A11: starts when all is there, and every time of the phase runs from then', () => {
    const waited = approved(ready(opened))
    const now = NOW + DAY
    const decision = decided(waited, now)
    expect(decision).toMatchObject({ action: 'advance', rule: 'start' })
    expect(decision.reasons).toContain('bob approved: bob says so.')
    expect(decision.evidence['start']).toMatchObject({
      readiness: { by: 'ci', ageMs: DAY },
      approvedBy: ['bob'],
    })
    expect(next(waited, now)).toMatchObject({
      status: 'running',
      awaitsStart: false,
      stage: 0,
      trafficPercent: 1,
      startedAt: now,
      stageStartedAt: now,
      approvals: [],
      readiness: waited.readiness,
    })
    expect(clearedSince(decision, null)).toBe(now)
  })

  it('FEATURES A11: a report that has aged while people were waited for starts nothing', () => {
    const waited = approved(ready(opened))
    expect(decided(waited, NOW + 7 * DAY).rule).toBe('start')
    const late = decided(waited, NOW + 7 * DAY + 1)
    expect(late.rule).toBe('awaiting-start')
    expect(late.reasons).toEqual([
      'The readiness report that ci gave is 7 days old, and the plan allows 7 days; make it with fairtrial ready, and give it with fairtrial rollout ready ranking.',
    ])
    expect(decided(approved(ready(waited, NOW + 8 * DAY)), NOW + 8 * DAY).rule).toBe('start')
  })

  it('FEATURES J4: goes by the stricter of the gate that it was opened with and the one in hand; what runs goes on', () => {
    const waited = approved(opened)
    for (const of of [plain, gatedBy({ approvals: 1 }), gatedBy({ readiness: true })]) {
      expect(decided(waited, NOW, of).rule).toBe('awaiting-start')
      expect(decided(ready(waited), NOW, of).rule).toBe('start')
      expect(decided(ready(opened), NOW, of).rule).toBe('awaiting-start')
      expect(() => order(ready(opened), 'advance', 'ada', { of })).toThrow('has 0')
    }
    expect(decided(waited, NOW, plain).reasons.at(-1)).toBe(
      'Phase 1 was opened to ask for a readiness report that passes every check and 1 approval. The plan asks for less since then: that is for the next phase, which an abort and a retry open.',
    )
    // A report may be overridden, as ever, by somebody who has not approved alone.
    expect(order(waited, 'advance', 'ada', { of: plain }).to.status).toBe('running')
    expect(decided(ready(waited), NOW, gatedBy({ approvals: 2 })).reasons[0]).toContain('2 must approve')
    // A day more or less is stricter or not, too.
    const day = gatedBy({ readiness: true, maximumAge: '1d', approvals: 1 })
    expect(decided(ready(waited), NOW + 2 * DAY, day).rule).toBe('awaiting-start')
    const month = gatedBy({ readiness: true, maximumAge: '30d', approvals: 1 })
    expect(decided(ready(waited), NOW + 8 * DAY, month).rule).toBe('awaiting-start')
    const opensMonth = startRollout(month, { now: NOW })
    expect(decided(ready(order(opensMonth, 'approve').to), NOW + 8 * DAY, plain).rule).toBe('start')
    // A retry opens a phase under the plan in hand.
    const retried = order(order(waited, 'abort').to, 'retry', 'ada', { of: plain }).to
    expect(retried).toMatchObject({ status: 'running', phase: 2 })
    const running = startRollout(plain, { now: NOW })
    expect(decided(running, NOW).rule).not.toBe('awaiting-start')
  })

  it('FEATURES A11: a report of before the phase before had ended opens no other', () => {
    const old = makeReadiness(experiment, NOW)
    const started = next(approved(ready(opened)))!
    const aborted = order(started, 'abort', 'ada', { now: NOW + DAY }).to
    const again = order(aborted, 'retry', 'ada', { now: NOW + 2 * DAY }).to
    const give = (report: ReadinessReport) => order(again, 'ready', 'ci', { now: NOW + 2 * DAY, report }).to
    expect(() => give(old)).toThrow('The report is older than what phase 1 has shown')
    // Made anew of what was tried before.
    const rehashed = { ...makeReadiness(experiment, NOW + 2 * DAY), oldestEvidenceAt: NOW + DAY - 1 }
    expect(() => give(rehashed)).toThrow('The report stands on what is older than what phase 1 has shown')
    // Between the end and the retry there is time to try what was mended.
    const given = give({ ...rehashed, oldestEvidenceAt: NOW + DAY })
    expect(next(approved(given), NOW + 2 * DAY)).toMatchObject({ status: 'running', phase: 2 })
    // Another definition may have been tried while the one before it ran.
    const other = { ...started, fingerprint: 'b'.repeat(64) }
    const opening = startRollout(experiment, { now: NOW + 2 * DAY, phase: 2, before: other })
    expect(order(opening, 'ready', 'ci', { now: NOW + 2 * DAY, report: old }).to.readiness?.madeAt).toBe(NOW)
    const ancient = makeReadiness(experiment, NOW - 1)
    expect(() => order(opening, 'ready', 'ci', { report: ancient })).toThrow('older than what phase 1')
  })

  it('is held and resumed by hand, and is aborted like any other', () => {
    const held = order(approved(ready(opened)), 'hold', 'cleo').to
    expect(decided(held)).toMatchObject({ action: 'hold', rule: 'operator-hold' })
    expect(decided(held).changesWhen).toEqual(['The start: when somebody resumes it.'])
    expect(next(held)).toBeUndefined()
    expect(() => order(held, 'advance', 'dan')).toThrow('cleo holds ranking')
    const resumed = order(held, 'resume').to
    expect(resumed).toMatchObject({ status: 'holding', trafficPercent: 0, awaitsStart: true })
    // Why it holds is what it awaits, not the word of who let it go on.
    expect(resumed.cause).toBe(opened.cause)
    expect(next(resumed)?.status).toBe('running')

    const aborted = order(held, 'abort').to
    expect(aborted).toMatchObject({ status: 'aborted', awaitsStart: false, trafficPercent: 0 })
    expect(order(aborted, 'retry').to).toMatchObject({
      phase: 2,
      awaitsStart: true,
      trafficPercent: 0,
      readiness: null,
      approvals: [],
    })
  })
})

describe('ready', () => {
  it('FEATURES A11: is kept with who gave it, and its report stands in the journal', () => {
    const report = makeReadiness(experiment, NOW - HOUR)
    const event = order(opened, 'ready', 'ci', { report })
    expect(event.readiness).toEqual(report)
    expect(event.to.cause).toBe(opened.cause)
    expect(event.to.readiness).toMatchObject({ by: 'ci', at: NOW, madeAt: NOW - HOUR })
    expect(event.to.readiness?.sha256).toMatch(/^[0-9a-f]{64}$/)
    // A newer one takes its place, also by a clock that is some seconds ahead.
    expect(ready(event.to, NOW + MINUTE).readiness?.madeAt).toBe(NOW + MINUTE)
    expect(next(approved(ready(opened, NOW, NOW + 5_000)))).toMatchObject({ status: 'running' })
  })

  it.each<[string, Partial<ReadinessReport>, string]>([
    ['of another experiment', { experiment: 'other' }, 'The report is of other'],
    ['of another definition', { fingerprint: 'b'.repeat(64) }, 'The report is of ranking, bbbb'],
    ['from the future', { madeAt: NOW + 301_000 }, 'The report was made 5 min ahead of this clock'],
    [
      'that stands on what is too old',
      { oldestEvidenceAt: NOW - 8 * DAY },
      'The report stands on what is 8 days old, and the plan allows 7 days',
    ],
    ['that is too old', { madeAt: NOW - 8 * DAY }, 'The report is 8 days old, and the plan allows 7 days'],
    [
      'that has failed',
      makeReadiness(experiment, NOW, ['dry-run']),
      'The report says that ranking is not ready. dry-run: dry-run was looked at.',
    ],
  ])('FEATURES A11: refuses a report %s', (_, change, message) => {
    const report = { ...makeReadiness(experiment, NOW), ...change }
    expect(refusal(() => order(opened, 'ready', 'ci', { report }))).toMatchObject({ code: 'refused' })
    expect(() => order(opened, 'ready', 'ci', { report })).toThrow(message)
  })

  it('FEATURES J4: is approved anew where it takes the place of another, which it does once a minute', () => {
    const first = ready(opened)
    const later = NOW + MINUTE
    const waited = approved(first)
    expect(() => ready(waited)).toThrow('ci has given this very report.')
    expect(() => ready(waited, NOW + 1_000)).toThrow('ci gave a report 1 s ago, and one a minute is taken.')
    expect(() => ready(waited, later, NOW - 1)).toThrow('The report is older than the one that ci has given')
    const replaced = ready(waited, later)
    expect(replaced.approvals).toEqual([])
    expect(decided(replaced, later).rule).toBe('awaiting-start')
    // Who approved before there was any, has not approved of another.
    expect(ready(approved(opened), later).approvals).toMatchObject([{ by: 'bob' }])
    // A clock that was set back does not lock it.
    expect(ready({ ...first, readiness: { ...first.readiness!, at: NOW + DAY } }, later).readiness?.at).toBe(
      later,
    )
  })

  it('FEATURES A11: what it stands on ages while people are waited for', () => {
    const report = { ...makeReadiness(experiment, NOW), oldestEvidenceAt: NOW - 6 * DAY }
    const waited = approved(order(opened, 'ready', 'ci', { report }).to)
    expect(decided(waited, NOW + DAY).rule).toBe('start')
    const late = decided(waited, NOW + DAY + 1)
    expect(late.reasons[0]).toContain('stands on what is 7 days old, and the plan allows 7 days')
    expect(late.evidence['start']).toMatchObject({ readiness: { ageMs: 7 * DAY + 1 } })
  })

  it('refuses what is no report, or one that says more than its checks', () => {
    const lies = { ...makeReadiness(experiment, NOW, ['sample-ratio']), ready: true }
    for (const report of [undefined, 'yes', { ready: true }, lies]) {
      const given = () => order(opened, 'ready', 'ci', { report: report as never })
      expect(refusal(given).code).toBe('invalid-argument')
    }
  })

  it('is refused once the phase has started, and after its end', () => {
    const running = next(approved(ready(opened)))!
    expect(() => ready(running)).toThrow('ranking has started: it is running')
    expect(() => ready(order(running, 'abort').to)).toThrow('is over')
  })
})

describe('people', () => {
  it('FEATURES J4: a start has its approvals, each of another person', () => {
    const two = gatedBy({ approvals: 2 })
    const first = order(startRollout(two, { now: NOW }), 'approve', 'ada', { of: two }).to
    expect(() => order(first, 'approve', ' ADA ', { of: two })).toThrow('has approved the start already')
    expect(() => order(first, 'advance', 'cleo', { of: two })).toThrow(
      'The start asks for 2 approvals and has 1.',
    )
    const second = order(first, 'approve', 'bob', { of: two }).to
    expect(next(second, NOW, two)?.status).toBe('running')
    expect(() => order(second, 'approve', 'cleo', { of: two })).toThrow('The start has its 2 approvals.')
    const none = gatedBy({ readiness: true })
    expect(() => order(startRollout(none, { now: NOW }), 'approve', 'ada', { of: none })).toThrow(
      'The start asks for no approval.',
    )
  })

  it('FEATURES J4: is one person under every spelling that nobody sees', () => {
    const two = gatedBy({ approvals: 2 })
    const first = order(startRollout(two, { now: NOW }), 'approve', 'alice', { of: two }).to
    for (const unseen of [
      '\uFE0F',
      '\u034F',
      '\u3164',
      '\u115F',
      '\u17B4',
      '\u{E0100}',
      '\u200B',
      '\u0000',
    ]) {
      const again = () => order(first, 'approve', `al${unseen}ice`, { of: two })
      expect(again, unseen.codePointAt(0)?.toString(16)).toThrow('has approved the start already')
    }
  })

  it('FEATURES J4: is told what is missing still, where all have approved', () => {
    for (const by of ['bob', 'cleo']) {
      const { message, remedy } = refusal(() => order(approved(opened, 'bob'), 'approve', by))
      expect(message).toMatch(
        by === 'bob' ? 'has approved the start already.' : 'The start has its approval.',
      )
      expect(remedy).toMatch(/^A readiness report that passes every check is missing: /)
    }
  })

  it('FEATURES J4: nobody overrides a missing report alone where the plan asks for people', () => {
    const bobs = approved(opened, 'bob')
    expect(() => order(bobs, 'advance', 'Bob')).toThrow('Bob alone has approved the start')
    expect(order(bobs, 'advance', 'cleo').to).toMatchObject({ status: 'running', cause: 'cleo says so.' })
    // Nothing is overridden where the report is there.
    expect(order(ready(bobs), 'advance', 'bob').to.status).toBe('running')
    const none = gatedBy({ readiness: true })
    expect(order(startRollout(none, { now: NOW }), 'advance', 'bob', { of: none }).to).toMatchObject({
      status: 'running',
      awaitsStart: false,
      startedAt: NOW,
    })
  })
})

function refusal(act: () => unknown): ExperimentError {
  try {
    act()
  } catch (error) {
    return error as ExperimentError
  }
  throw new Error('It was not refused.')
}
