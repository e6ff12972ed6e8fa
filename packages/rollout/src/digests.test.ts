import { fingerprint } from '@fairtrial/protocol'
import { expect, it } from 'vitest'
import { makeAudit, makeEvaluation, makeExperiment } from '../test/fixture.ts'
import { digestsOf } from './digests.ts'

const experiment = makeExperiment()

it('names what a decision was made from, and never stands in its way', () => {
  const evaluation = makeEvaluation(experiment, 1_000, 10)
  const audit = makeAudit(experiment, 1_000)
  expect(digestsOf(evaluation, audit)).toEqual({
    evaluation: fingerprint(evaluation),
    audit: fingerprint(audit),
  })
  expect(digestsOf({ ...evaluation, asOf: 1_001 }, audit).evaluation).not.toBe(fingerprint(evaluation))
  expect(digestsOf(null, null)).toEqual({ evaluation: null, audit: null })
  expect(digestsOf(makeEvaluation(experiment, Number.NaN, 10), null).evaluation).toBeNull()
})
