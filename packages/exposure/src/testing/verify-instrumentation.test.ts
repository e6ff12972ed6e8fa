import type { Experiment } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import { expect, it } from 'vitest'
import { type Arm, type ExposeOptions, type Recorder } from '../index.ts'
import { sampleArm } from './sample-events.ts'
import { type InstrumentationOptions, verifyInstrumentation } from './verify-instrumentation.ts'

const { fingerprint } = sampleArm()
const homeRanking = {
  key: 'home-ranking',
  unitType: 'viewer',
  fingerprint,
  variants: [
    { name: 'control', weight: 1 },
    { name: 'session-model', weight: 1, treatmentVersion: 'ranker-7' },
  ],
} as unknown as Experiment
const arms = ['control', 'session-model']

function armOf(variant: string | null, changes: Partial<Arm> = {}): Arm {
  const treatmentVersion = variant === 'session-model' ? 'ranker-7' : null
  return sampleArm({ variant: variant ?? 'control', treatmentVersion, ...changes })
}

interface Faulty {
  readonly arm?: (variant: string | null) => Partial<Arm>
  readonly exposeOptions?: ExposeOptions
  readonly after?: (recorder: Recorder, variant: string | null) => void
  readonly isLeftOpen?: boolean
}

/** A service of one page, as it should be but for what is told. */
function verifyService(faulty: Faulty, options: InstrumentationOptions = {}) {
  return verifyInstrumentation(
    async ({ recorder, arm }) => {
      for (const unitId of ['viewer-1', 'viewer-2']) {
        const held = armOf(arm, { unitId, ...faulty.arm?.(arm) })
        recorder.expose(held, faulty.exposeOptions)
        recorder.track({ name: 'started', unitType: 'viewer', unitId: held.unitId ?? unitId })
      }
      faulty.after?.(recorder, arm)
      if (faulty.isLeftOpen !== true) await recorder.close()
    },
    { arms, experiments: [homeRanking], ...options },
  )
}

async function problemsOf(faulty: Faulty, options?: InstrumentationOptions): Promise<string[]> {
  const refused: unknown = await verifyService(faulty, options).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(ExperimentError)
  const { code, message, problems } = refused as ExperimentError
  expect(code).toBe('invalid-event')
  return problems.map((problem) => {
    const line = `${problem.path}: ${problem.message}`
    expect(message).toContain(`${line} ${problem.remedy}`)
    expect(problem.remedy).toMatch(/^[A-Z].*[.-]$/)
    return line
  })
}

it('tells of a service without fault what it recorded', async () => {
  const exposeOptions = { trigger: 'opened-home', context: { platform: 'web' } }
  const context = { schemaVersion: '1', allow: ['platform'] }
  expect(await verifyService({ exposeOptions }, { context })).toEqual({
    runs: arms.map((arm) => ({ arm, exposures: 2, outcomes: 2, exposedAt: ['home-ranking:opened-home'] })),
    definitions: [{ experiment: 'home-ranking', fingerprint }],
  })
})

it('needs no definition and no arms', async () => {
  const service = ({ recorder }: { recorder: Recorder }) => {
    recorder.expose(sampleArm())
    recorder.expose(sampleArm({ unitId: 'viewer-2', variant: null, reason: 'outside-traffic' }))
    for (const unitId of ['viewer-1', 'viewer-2', 'viewer-3'])
      recorder.track({ name: 'started', unitType: 'viewer', unitId })
    void recorder.close()
  }
  expect(await verifyInstrumentation(service)).toEqual({
    runs: [{ arm: null, exposures: 1, outcomes: 3, exposedAt: ['home-ranking'] }],
    definitions: [{ experiment: 'home-ranking', fingerprint }],
  })
})

it('takes arms that are forced for arms that are held', async () => {
  await verifyService({ arm: () => ({ reason: 'overridden' }) })
})

const wrongs: readonly [what: string, faulty: Faulty, problem: RegExp][] = [
  [
    'no bucket',
    { arm: () => ({ bucket: null }) },
    /^arm control, expose 1\.bucket: is null, so the event is lost/,
  ],
  ['a bucket that is none', { arm: () => ({ bucket: 1_000_000 }) }, /viewer-1\.bucket: is 1000000, not 0 to/],
  ['no seed', { arm: () => ({ seed: undefined as never }) }, /expose 1\.seed: is undefined/],
  ['a seed of nothing', { arm: () => ({ seed: 0 }) }, /\.seed: is 0, which no salt gives/],
  ['no propensity', { arm: () => ({ propensity: null }) }, /expose 1\.propensity: is null/],
  ['a propensity above 1', { arm: () => ({ propensity: 50 }) }, /\.propensity: is 50/],
  ['no unit id', { arm: () => ({ unitId: '' }) }, /expose 1\.unitId: is "", so/],
  ['an id made of nothing', { arm: () => ({ unitId: 'undefined' }) }, /\.unitId: is "undefined": many units/],
  ['another unit type', { arm: () => ({ unitType: 'user' }) }, /\.unitType: is "user", not "viewer"/],
  ['an unknown variant', { arm: () => ({ variant: 'blue' }) }, /\.variant: is "blue", and there is no such/],
  ['an unknown experiment', { arm: () => ({ experiment: 'home' }) }, /\.experiment: is none of those given/],
  [
    'another definition',
    { arm: () => ({ fingerprint: 'a'.repeat(64) }) },
    /\.fingerprint: is of another definition/,
  ],
  ['no fingerprint', { arm: () => ({ fingerprint: '' }) }, /\.fingerprint: is "", not 64 hex digits/],
  [
    'no treatment version',
    { arm: () => ({ treatmentVersion: null }) },
    /\.treatmentVersion: is missing, not ranker-7/,
  ],
  [
    'seconds',
    { exposeOptions: { exposedAt: 1_767_225_600 } },
    /\.exposedAt: is 1767225600, which is in seconds/,
  ],
  ['1970', { exposeOptions: { exposedAt: 12_345 } }, /\.exposedAt: is 12345, which is 1970-01-01/],
  ['the future', { exposeOptions: { exposedAt: 1_767_225_600_000_000 } }, /which is in the future/],
  ['no time', { exposeOptions: { exposedAt: Number.NaN } }, /expose 1\.exposedAt: is NaN/],
  ['no trigger', { exposeOptions: { trigger: 'opened home' } }, /expose 1\.trigger: is "opened home"/],
  [
    'an arm put together by hand',
    { arm: () => ({ bucket: null, seed: 0, propensity: null }) },
    /expose 1\.bucket/,
  ],
  ['no close', { isLeftOpen: true }, /^arm control, close: was not called/],
  [
    'the same arm in each run',
    { arm: () => ({ variant: 'control', treatmentVersion: null }) },
    /\.variant: is "control", though every unit is in "session-model"/,
  ],
  [
    'treatment exposed alone',
    { arm: (arm) => (arm === 'control' ? { variant: null, reason: 'outside-traffic' } : {}) },
    /^arm control: has no exposure home-ranking of viewer-1, but arm session-model has/,
  ],
  [
    'another point in one arm',
    {
      after: (recorder, arm) =>
        arm === 'control' && recorder.expose(armOf(arm, { unitId: 'viewer-1' }), { trigger: 'fallback' }),
    },
    /^arm session-model: has no exposure home-ranking:fallback of viewer-1, but arm control has/,
  ],
  [
    'a call after close',
    {
      after: (recorder) => {
        void recorder.close()
        recorder.expose(armOf('control'))
      },
    },
    /expose 3: came after `close`/,
  ],
  [
    'an outcome before its exposure',
    {
      after: (recorder) =>
        recorder.track({
          name: 'clicked',
          unitType: 'viewer',
          unitId: 'viewer-1',
          occurredAt: 1_700_000_000_000,
        }),
    },
    /outcome clicked of viewer-1\.occurredAt: is 1700000000000, before the unit was exposed/,
  ],
  [
    'an outcome of another unit type',
    { after: (recorder) => recorder.track({ name: 'clicked', unitType: 'user', unitId: 'viewer-1' }) },
    /\.unitType: is "user", but the unit was exposed as "viewer"/,
  ],
  [
    'an outcome without a name',
    { after: (recorder) => recorder.track({ name: '', unitType: 'viewer', unitId: 'viewer-1' }) },
    /track 3\.name: is ""/,
  ],
  [
    'an outcome without a number',
    {
      after: (recorder) =>
        recorder.track({ name: 'watched', value: Number.NaN, unitType: 'viewer', unitId: 'viewer-1' }),
    },
    /track 3\.value: is NaN/,
  ],
  [
    'an outcome in seconds',
    {
      after: (recorder) =>
        recorder.track({
          name: 'watched',
          occurredAt: 1_767_225_600,
          unitType: 'viewer',
          unitId: 'viewer-1',
        }),
    },
    /\.occurredAt: is 1767225600, which is in seconds/,
  ],
  [
    'a feature that is not allowed',
    { exposeOptions: { context: { email: 'zoe@example.com' } } },
    /expose 1\.context\.email: is not on the allow-list/,
  ],
  [
    'a slate that is none',
    { exposeOptions: { slate: { slateId: '', items: [] } } },
    /slate: 2 left out as slate-invalid/,
  ],
]

it.each(wrongs)('names %s', async (_, faulty, problem) => {
  expect((await problemsOf(faulty)).some((line) => problem.test(line))).toBe(true)
})

it('names a feature that is no scalar, or that tells who somebody is, without repeating it', async () => {
  const context = { schemaVersion: '1', allow: ['platform', 'tier'] }
  const exposeOptions = { context: { platform: ['web'], tier: 'zoe@example.com' } }
  const problems = await problemsOf({ exposeOptions }, { context })
  expect(problems).toContain('arm control, expose 1.context.platform: is no scalar, and is not logged.')
  expect(problems).toContain('arm control, context: 2 left out as feature-redacted.')
  expect(problems.join()).not.toContain('example.com')
})

it('advises to allow a feature only where the allow-list takes it', async () => {
  const remedyOf = async (feature: string) => {
    const verifying = verifyService({ exposeOptions: { context: { [feature]: 'x' } } })
    const { problems } = (await verifying.catch((error: unknown) => error)) as ExperimentError
    return problems.find(({ path }) => path.endsWith(`context.${feature}`))?.remedy
  }
  expect(await remedyOf('platform')).toMatch(/^Add it to `context\.allow`/)
  for (const personal of ['email', 'clientIp', 'firstName', 'accessToken']) {
    const remedy = await remedyOf(personal)
    expect(remedy).toMatch(/do not hand it in, or hand in a group or a hash/)
    expect(remedy).not.toContain('context.allow')
    // What is advised instead works.
    for (const name of ['region', 'accountHash']) {
      expect(remedy).toContain(`\`${name}\``)
      await verifyService(
        { exposeOptions: { context: { [name]: 'x' } } },
        { context: { schemaVersion: '1', allow: [name] } },
      )
    }
  }
})

it('names outcomes that join nothing', async () => {
  const problems = verifyInstrumentation(async ({ recorder }) => {
    recorder.expose(sampleArm())
    recorder.track({ name: 'started', unitType: 'viewer', unitId: '1' })
    await recorder.close()
  })
  await expect(problems).rejects.toThrow(
    'track.unitId: is of units such as "1", none of which was exposed; "viewer-1" was.',
  )
})

it('is not content with nothing', async () => {
  const verifying = verifyInstrumentation(({ recorder }) => void recorder.close())
  await expect(verifying).rejects.toThrow('expose: Nobody was exposed. Call `expose(arm)` where')
})

it('passes on what the service throws', async () => {
  await expect(
    verifyService({
      after: () => {
        throw new Error('service is broken')
      },
    }),
  ).rejects.toThrow('service is broken')
})
