import { describe, expect, it } from 'vitest'
import type { ServedReport } from './events.ts'
import { parseServedReport, parseSnapshot, parseState } from './parse-document.ts'
import type { RolloutState, Snapshot } from './state.ts'

const state: RolloutState = {
  schema: 'fairtrial.state/1',
  experiment: 'home-ranking',
  fingerprint: 'ab'.repeat(32),
  phase: 1,
  revision: 4,
  status: 'running',
  stage: 1,
  trafficPercent: 33.3333,
  shippedVariant: null,
  startedAt: 1,
  stageStartedAt: 2,
  changedAt: 2,
  holdingSince: null,
  cause: 'The stage is complete.',
}
const snapshot: Snapshot = {
  schema: 'fairtrial.snapshot/1',
  revision: 9,
  issuedAt: 3,
  validUntil: 60_003,
  states: [state],
}
const report: ServedReport = {
  schema: 'fairtrial.served/1',
  instanceId: 'home-1',
  sequence: 3,
  reportedAt: 5,
  experiments: [
    {
      experiment: 'home-ranking',
      revision: 4,
      served: [{ revision: 4, variant: null, count: 12, lastServedAt: 4 }],
    },
  ],
}

describe.each([
  ['parseState', parseState, state, 'fairtrial.state/'],
  ['parseSnapshot', parseSnapshot, snapshot, 'fairtrial.snapshot/'],
  ['parseServedReport', parseServedReport, report, 'fairtrial.served/'],
] as const)('%s', (_, parse, document, family) => {
  it('reads what was written', () => {
    expect(parse(JSON.parse(JSON.stringify(document)))).toEqual({ ok: true, value: document })
  })

  it('FAULTS 9: drops fields of a later minor version, refuses a later major one', () => {
    expect(parse({ ...document, addedInALaterVersion: 1 })).toEqual({ ok: true, value: document })
    expect(parse({ ...document, schema: `${family}2` })).toEqual({
      ok: false,
      code: 'unsupported-version',
      detail: `schema: Must be "${family}1", not "${family}2".`,
    })
  })

  it.each([null, undefined, 3, 'text', [], {}])('refuses %j without throwing', (value) => {
    expect(parse(value)).toMatchObject({ ok: false })
  })
})

describe('parseState', () => {
  it('names every field that is wrong', () => {
    const parsed = parseState({ ...state, revision: 0, trafficPercent: 101, status: 'paused' })
    expect(parsed).toEqual({
      ok: false,
      code: 'invalid-state',
      detail:
        'revision: Must be more than 0, not 0. ' +
        'status: Must be "running" or "holding" or "baking" or "aborted" or "shipped" or "stopped", not "paused". ' +
        'trafficPercent: Must be at most 100, not 101.',
    })
  })
})

describe('parseSnapshot', () => {
  it('says which of its states is wrong', () => {
    expect(parseSnapshot({ ...snapshot, states: [state, { ...state, phase: 'one' }] })).toMatchObject({
      detail: 'states[1].phase: Must be a number, not "one".',
    })
  })

  it('FAULTS 9: refuses a snapshot that carries a state of a later major version', () => {
    const later = { ...snapshot, states: [{ ...state, schema: 'fairtrial.state/2' }] }
    expect(parseSnapshot(later)).toEqual({
      ok: false,
      code: 'unsupported-version',
      detail: 'states[0].schema: Must be "fairtrial.state/1", not "fairtrial.state/2".',
    })
  })

  it('FAULTS 2: refuses more than 10,000 states', () => {
    expect(parseSnapshot({ ...snapshot, states: Array.from({ length: 10_001 }, () => state) })).toMatchObject(
      {
        detail: 'states: Must be at most 10000 items, not a list of 10001.',
      },
    )
  })
})
