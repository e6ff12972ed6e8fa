import { expect, it } from 'vitest'
import { sayEntry, sayKind } from './trail-words.ts'

it.each([
  ['transition', { reason: 'Stage 1 of 3 is complete.' }, 'Stage 1 of 3 is complete.'],
  ['dissent', { text: 'Too early.', revision: 3 }, 'Too early.'],
  [
    'definition',
    { phase: 1, revision: 4, fingerprint: '22cb00b1e69f961ef4', edits: ['ramp'] },
    'Phase 1 at revision 4 of definition 22cb00b1e6, with safe edits: ramp.',
  ],
  [
    'proof',
    { instances: { acknowledged: 2, lapsed: 1, waiting: 0 }, servedForMs: 284, violated: [] },
    '2 acknowledged, 1 lapsed, 0 waited for, no treatment after 284 ms.',
  ],
  [
    'proof',
    {
      instances: { acknowledged: 2, unconcerned: 1 },
      lastTreatmentServedAt: null,
      servedForMs: 0,
      violated: [],
    },
    '2 acknowledged, 0 lapsed, 1 without the experiment, 0 waited for, no treatment reported served.',
  ],
  [
    'violation',
    { violated: ['a-1 served session after revision 4.'] },
    'a-1 served session after revision 4.',
  ],
  ['refused', { detail: 'home-row is aborted already.' }, 'home-row is aborted already.'],
  ['refused', { what: 1 }, '{"what":1}'],
  ['retention', { detail: '2 segments go.', events: 4 }, '2 segments go.'],
] as const)('a %s: %j', (kind, detail, sentence) => {
  expect(sayEntry({ kind, detail })).toBe(sentence)
})

it.each([
  ['refused', { action: 'advance', detail: 'Stage 1 asks for 2 approvals.' }, 'advance refused'],
  ['refused', { detail: 'No token.' }, 'refused'],
  ['notification-failed', {}, 'notification failed'],
  ['transition', { from: null, to: { phase: 1 } }, 'phase 1 opened'],
] as const)('of a %s: %j', (kind, detail, words) => {
  expect(sayKind({ kind, detail })).toBe(words)
})
