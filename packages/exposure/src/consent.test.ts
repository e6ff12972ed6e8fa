import { expect, it } from 'vitest'
import { createRecorder, lacksConsent, memorySink } from './index.ts'
import { fakeClock, sampleArm } from './testing/index.ts'

const outcome = { name: 'started', unitType: 'viewer', unitId: 'viewer-1' }

function recorderOnTrial() {
  const clock = fakeClock()
  const sink = memorySink()
  const warnings: unknown[] = []
  const onDrop = (warning: unknown) => void warnings.push(warning)
  const recorder = createRecorder({ sink, clock, timers: clock, onDrop, producerId: 'p' })
  return { recorder, sink, warnings, clock }
}

it('takes what is told and not true for no consent, and what is not told for no question', () => {
  const hostile = new Proxy({}, { has: () => expect.fail('asked') })
  const refused = [false, undefined, null, 0, 1, 'true', {}].map((consent) => ({ consent }))
  expect([...refused, hostile].map(lacksConsent)).toEqual(Array(8).fill(true))
  expect([{ consent: true }, {}, undefined, null, 'consent', 7].map(lacksConsent)).toEqual(
    Array(6).fill(false),
  )
})

it('records nothing of a unit without consent, says so, and counts it as no loss', async () => {
  const { recorder, sink, warnings } = recorderOnTrial()
  const receipts = [
    recorder.expose(sampleArm({ reason: 'no-consent', variant: null, unitId: null })),
    recorder.expose(sampleArm(), { consent: false }),
    recorder.expose(sampleArm(), { consent: undefined }),
    recorder.track({ ...outcome, consent: false }),
  ]
  expect(receipts.map(({ recorded }) => recorded)).toEqual(Array(4).fill('no-consent'))
  expect(await receipts[1]!.durable).toBe(false)
  const account = await recorder.close()
  expect(account.exposures).toMatchObject({ offered: 3, delivered: 0, dropped: { 'no-consent': 3 } })
  expect(account.outcomes).toMatchObject({ offered: 1, delivered: 0, dropped: { 'no-consent': 1 } })
  expect(account.notAssigned).toBe(0)
  expect(warnings).toEqual([])
  // The producer's own account is all that there is: it tells how many, and of no arm.
  const [report, ...rest] = sink.events()
  expect(report).toMatchObject({ schema: 'fairtrial.producer/1', dropped: { 'no-consent': 4 }, arms: [] })
  expect(rest).toEqual([])
  expect(sink.lines.join()).not.toContain('viewer-1')
})

it('remembers nobody without consent: who gives it is met for the first time, and unnumbered is no gap', async () => {
  const { recorder, sink } = recorderOnTrial()
  recorder.expose(sampleArm(), { consent: false })
  recorder.track({ ...outcome, consent: false })
  expect(recorder.expose(sampleArm(), { consent: true }).recorded).toBe('queued')
  // Consent that is withdrawn: from then on nothing, though the unit was seen.
  expect(recorder.expose(sampleArm(), { consent: false }).recorded).toBe('no-consent')
  expect(recorder.track({ ...outcome, consent: false }).recorded).toBe('no-consent')
  expect(recorder.expose(sampleArm(), { consent: true }).recorded).toBe('deduplicated')
  await recorder.close()
  expect(sink.events().map(({ sequence }) => sequence)).toEqual([1, 2])
  expect(sink.events()[0]).toMatchObject({ unitId: 'viewer-1', armSequence: 1 })
  expect(sink.lines.join()).not.toContain('"consent"')
})

it('leaves what is withheld of an arm out of what it was offered, so that an audit of assignments sees it', async () => {
  const { recorder, sink } = recorderOnTrial()
  recorder.reportAssigned(() => [
    { experiment: 'home-ranking', phase: 1, variant: 'session-model', count: 3 },
  ])
  recorder.expose(sampleArm())
  for (const unitId of ['viewer-2', 'viewer-3']) recorder.expose(sampleArm({ unitId }), { consent: false })
  await recorder.close()
  expect(sink.events().at(-1)).toMatchObject({ arms: [{ assigned: 3, offered: 1, numbered: 1, dropped: 0 }] })
})
