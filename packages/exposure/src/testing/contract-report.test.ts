import { ContractReport } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import { expect, it } from 'vitest'
import { contractReport } from './contract-report.ts'
import { sampleArm } from './sample-events.ts'
import { verifyInstrumentation } from './verify-instrumentation.ts'

const key = 'home-ranking'
const { fingerprint } = sampleArm()
const variants = [
  { name: 'control', weight: 1 },
  { name: 'session-model', weight: 1 },
]
const arms = variants.map(({ name }) => name)

/** A page that shows a row to two viewers. */
function verify(options: { arms?: readonly string[]; experiment?: string } = { arms }) {
  const { experiment = key, ...given } = options
  return verifyInstrumentation(async ({ recorder, arm }) => {
    for (const unitId of ['viewer-1', 'viewer-2']) {
      recorder.expose(sampleArm({ experiment, unitId, variant: arm ?? 'control' }))
      recorder.track({ name: 'started', unitType: 'viewer', unitId })
    }
    await recorder.close()
  }, given)
}

function refusalOf(make: () => unknown): ExperimentError {
  try {
    make()
  } catch (error) {
    if (error instanceof ExperimentError) return error
  }
  throw new Error('It was not refused.')
}

it('FEATURES A11: writes down that a service was verified in each arm', async () => {
  const report = contractReport({ key, fingerprint, variants }, await verify(), 1_700_000_000_000)
  expect(report).toEqual({
    schema: 'fairtrial.contract/1',
    experiment: key,
    fingerprint,
    madeAt: 1_700_000_000_000,
    sdk: expect.stringMatching(/^@fairtrial\/exposure\/\d/) as string,
    runs: arms.map((arm) => ({ arm, exposures: 2, outcomes: 2 })),
  })
  expect(ContractReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report)
})

it('refuses what was run in no given arm, or not in each', async () => {
  const experiment = { key, fingerprint, variants }
  const inNone = await verify({})
  const { code, problems } = refusalOf(() => contractReport(experiment, inNone, 0))
  expect(code).toBe('invalid-argument')
  expect(problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
    'arm control was not run.',
    'arm session-model was not run.',
  ])
  const inOne = await verify({ arms: ['control'] })
  expect(refusalOf(() => contractReport(experiment, inOne, 0)).problems.map(({ path }) => path)).toEqual([
    'arm session-model',
  ])
})

it('refuses a test in which nobody met the experiment', async () => {
  const verified = await verify({ arms, experiment: 'home-ranking-2' })
  const refused = refusalOf(() => contractReport({ key, fingerprint, variants }, verified, 0))
  expect(refused.message).toContain('arm control: exposed nobody to home-ranking.')
  expect(refused.problems).toHaveLength(2)
})

it('refuses a test of another definition', async () => {
  const other = 'f'.repeat(64)
  const verified = await verify()
  const refused = refusalOf(() => contractReport({ key, fingerprint: other, variants }, verified, 0))
  expect(refused.problems).toMatchObject([{ path: 'fingerprint', value: fingerprint }])
})
