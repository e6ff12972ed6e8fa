import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient, givenSnapshot } from '@fairtrial/client'
import { contractReport, snapshotOf, stateFor, verifyClient } from '@fairtrial/client/testing'
import { segmentSink } from '@fairtrial/exposure/segments'
import type { Experiment, ReadinessCheckName } from '@fairtrial/protocol'
import { ReadinessReport } from '@fairtrial/protocol'
import { expect, it, vi } from 'vitest'
import { readDefinition } from '../src/definition-file.ts'
import { homeService, type ServiceFaults } from './home-service.ts'
import { serving } from './serving.ts'
import { fairtrial, folderWith } from './terminal.ts'
import { trial } from './trial.ts'

const plan = {
  ...trial,
  metrics: { ...trial.metrics, 'start.rate': { ...trial.metrics['start.rate'], event: 'start' } },
}
const VIEWERS = 1_200

/** As a service's own test does it: the report is written only where the service has passed. */
async function contractTest(experiment: Experiment, file: string, faults: ServiceFaults): Promise<void> {
  const verified = await verifyClient(experiment, async ({ client }) => {
    const service = homeService(client, experiment, faults)
    for (let viewer = 0; viewer < 3; viewer++) service.visit(viewer)
    await service.close()
  })
  writeFileSync(file, JSON.stringify(contractReport(experiment, verified, Date.now())))
}

/** An instance of the service in front of made-up viewers, its state given at the last stage. */
async function dryRun(
  experiment: Experiment,
  directory: string,
  options: {
    readonly instance?: string
    readonly viewers?: readonly [from: number, to: number]
  } & ServiceFaults,
): Promise<void> {
  const { instance = 'home-1', viewers: [from, to] = [0, VIEWERS], ...faults } = options
  const client = createClient({
    experiments: [experiment],
    source: givenSnapshot(
      snapshotOf([stateFor(experiment)], { issuedAt: Date.now(), validUntil: Date.now() + 60_000 }),
    ),
    sink: segmentSink({ directory, producerId: instance }),
    instanceId: instance,
  })
  await client.ready()
  const service = homeService(client, experiment, faults)
  for (let viewer = from; viewer < to; viewer++) service.visit(viewer)
  await service.close()
}

const now = () => Date.now()
const command = (args: readonly string[]) => fairtrial(args, '', now)

/** The whole way, by the commands: definition, contract test, dry run, locked analysis, ready. */
async function prepare(
  faults: {
    readonly inTest?: ServiceFaults
    readonly inDryRun?: ServiceFaults
    /** Viewers that an instance with another definition serves. */
    readonly elsewhere?: number
  } = {},
  definition: object = plan,
) {
  const { inTest = {}, inDryRun = {}, elsewhere = 0 } = faults
  const path = folderWith({
    'trial.json': JSON.stringify(definition),
    'old.json': JSON.stringify({ ...plan, salt: 'old' }),
  })
  const experiment = await readDefinition(path('trial.json'))
  await contractTest(experiment, path('contract.json'), inTest).catch(() => null)
  await dryRun(experiment, path('log'), { ...inDryRun, viewers: [elsewhere, VIEWERS] })
  const old = await readDefinition(path('old.json'))
  if (elsewhere > 0) await dryRun(old, path('log'), { instance: 'home-2', viewers: [0, elsewhere] })
  const analysis = await command([
    'analyze',
    path('trial.json'),
    '--log',
    path('log'),
    '--lock',
    path('dry-run.lock'),
  ])
  expect(analysis.stderr).toBe('')
  const args = ['ready', path('trial.json'), '--contract', path('contract.json'), '--dry-run', path('log')]
  // Segments that the service writes itself do not tell when events were received.
  const lateness = ['--allow-unmeasured', 'lateness']
  return { path, experiment, args: [...args, '--lock', path('dry-run.lock'), ...lateness] }
}

const failed = ({ checks }: ReadinessReport): readonly ReadinessCheckName[] =>
  checks.filter(({ passed }) => !passed).map(({ check }) => check)

it('FEATURES A11: pre-launch readiness: from a definition to a report that passes, by the commands', async () => {
  const { path, experiment, args } = await prepare()
  const { code, stdout, stderr } = await command([...args, '--out', path('ready.json')])
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^home-ranking may begin: 5 of 5 checks have passed\n/)
  expect(stdout.match(/^ {2}✓ [a-z-]+:/gm)).toHaveLength(5)
  expect(stdout.split('\n').every((line) => line.length <= 85)).toBe(true)
  const report = ReadinessReport.parse(JSON.parse(readFileSync(path('ready.json'), 'utf8')))
  expect(report).toMatchObject({
    ready: true,
    experiment: 'home-ranking',
    fingerprint: experiment.fingerprint,
  })
  const printed = await command([...args, '--json'])
  expect(printed.code).toBe(0)
  expect(ReadinessReport.parse(printed.document).checks.map(({ detail }) => detail)).toHaveLength(5)
})

it.each<[what: string, check: ReadinessCheckName, faults: Parameters<typeof prepare>[0], told: RegExp]>([
  [
    'a service that exposes one arm where it is assigned',
    'contract-test',
    { inTest: { exposesAtAssign: 'model' }, inDryRun: { exposesAtAssign: 'model' } },
    /There is no report of a contract test/,
  ],
  ['a log with another fingerprint in it', 'dry-run', { elsewhere: 120 }, /foreign-definition: /],
  [
    'a metric that is never sent',
    'metric-freshness',
    { inTest: { forgets: 'start' }, inDryRun: { forgets: 'start' } },
    /Metric start\.rate \(start\): no event in control \(\d+ units\), model/,
  ],
  ['a split of 60 to 40', 'sample-ratio', { inDryRun: { loses: 'model' } }, /Sample ratio mismatch: /],
])('FEATURES A11: %s fails %s, and nothing else', async (_, check, faults, told) => {
  const { args } = await prepare(faults)
  const { code, document } = await command([...args, '--json'])
  const report = ReadinessReport.parse(document)
  expect(failed(report)).toEqual([check])
  expect(report.ready).toBe(false)
  const one = report.checks.find((each) => each.check === check)!
  expect(one.detail).toMatch(told)
  expect(one.remedy).not.toBe('')
  expect(code).toBe(4)
})

it('FEATURES A11: a lock whose log has changed fails reproducible-analysis, and nothing else', async () => {
  const { path, args } = await prepare()
  const [segment] = readdirSync(path('log')).filter((name) => name.endsWith('.ndjson'))
  const file = join(path('log'), segment!)
  const text = readFileSync(file, 'utf8')
  const edited = text.replace(/("name":"watched".*?"value":)7\b/, '$19')
  expect(edited).not.toBe(text)
  writeFileSync(file, edited)
  const { code, stdout } = await command(args)
  expect(code).toBe(4)
  expect(stdout).toMatch(/^home-ranking may not begin yet: 4 of 5 checks have passed\n/)
  expect(stdout).toMatch(/^ {2}✗ reproducible-analysis: The locked analysis does not come out the same/m)
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('has been edited within its first')
  expect(stdout).toMatch(/^ {4}→ Analyze the log of the dry run with --lock FILE/m)
})

it('says of a definition alone all that there is to do', async () => {
  const path = folderWith({ 'trial.json': JSON.stringify(plan) })
  const { code, stdout } = await command(['ready', path('trial.json')])
  expect(code).toBe(4)
  expect(stdout).toContain('0 of 5 checks have passed')
  expect(stdout.match(/^ {4}→ /gm)).toHaveLength(5)
})

it('refuses what is none of what it asks for', async () => {
  const { path, args } = await prepare()
  const trialFile = path('trial.json')
  const refusals: readonly (readonly [args: readonly string[], told: RegExp])[] = [
    [[...args, '--allow-unseen', 'watched'], /watched may not go unseen/],
    [[...args, '--allow-uneven', 'watch'], /has no "watch" that may be uneven/],
    [[...args, '--allow-unmeasured', 'covariate:x'], /has no "covariate:x" that may go unmeasured/],
    [['ready', trialFile, '--contract', trialFile], /holds no report of a contract test/],
    [['ready', trialFile, '--lock', trialFile], /holds no lock/],
    [['ready', trialFile, '--dry-run', path('nowhere')], /--dry-run .*nowhere is not there/],
    [
      ['ready', trialFile, '--dry-run', path('.'), '--lock', path('dry-run.lock')],
      /is of other data than the dry run/,
    ],
    [[...args, '--max-age', 'old'], /Give a length of time/],
    [[...args, '--kafka', '127.0.0.1:9092'], /cannot be used with option/],
  ]
  for (const [given, told] of refusals) {
    const { code, stderr } = await command(given)
    expect(stderr).toMatch(told)
    expect(code).toBe(2)
  }
})

it('FEATURES A11: lateness that the log does not tell has not passed', async () => {
  const { args } = await prepare()
  const { code, document } = await command([...args.slice(0, -2), '--json'])
  expect(code).toBe(4)
  const report = ReadinessReport.parse(document)
  expect(failed(report)).toEqual(['metric-freshness'])
  expect(report.checks.find(({ passed }) => !passed)!.remedy).toContain('--allow-unmeasured lateness')
  expect(report.oldestEvidenceAt).toBeLessThanOrEqual(report.madeAt)
})

it('says where a contract test has left no report', async () => {
  const { path, args } = await prepare({ inTest: { exposesAtAssign: 'model' } })
  const { stderr } = await command(args)
  expect(stderr).toBe(
    `fairtrial: --contract ${path('contract.json')} is not there: no contract test has passed.\n`,
  )
})

it('FEATURES A11: its report starts a rollout that awaits it, and one that has not passed does not', async () => {
  const gated = { ...plan, ramp: { ...plan.ramp, start: { readiness: true } } }
  const { path, args } = await prepare({}, gated)
  const at = [
    '--url',
    await serving(['--definition', path('trial.json'), '--data', path('data'), '--port', '0']).url(),
  ]
  const state = async () =>
    (await command(['rollout', 'status', 'home-ranking', ...at, '--json'])).document.state
  const give = (file: string) =>
    command([
      'rollout',
      'ready',
      'home-ranking',
      ...at,
      '--report',
      path(file),
      '--reason',
      'tried in staging',
    ])
  await vi.waitFor(
    async () => expect(await state()).toMatchObject({ awaitsStart: true, trafficPercent: 0 }),
    { timeout: 10_000 },
  )

  await command(['ready', path('trial.json'), '--dry-run', path('log'), '--out', path('half.json')])
  const refused = await give('half.json')
  expect(refused.stderr).toMatch(/^fairtrial: The control plane refuses: /)
  expect(refused.code).toBe(2)

  await command([...args, '--out', path('ready.json')])
  expect(await give('ready.json')).toMatchObject({ code: 0, stderr: '' })
  await vi.waitFor(
    async () => expect(await state()).toMatchObject({ status: 'running', trafficPercent: 100 }),
    {
      timeout: 10_000,
    },
  )
})
