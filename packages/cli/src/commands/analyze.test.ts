import { mkdirSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { assign, loadExperiment } from '@fairtrial/assignment'
import { createRecorder } from '@fairtrial/exposure'
import { segmentSink } from '@fairtrial/exposure/segments'
import { AuditReport, Decision, Evaluation } from '@fairtrial/protocol'
import { startRollout } from '@fairtrial/rollout'
import { describe, expect, it } from 'vitest'
import { fairtrial, folderWith, NOW } from '../../test/terminal.ts'
import { change, trialYaml } from '../../test/trial.ts'
import { readDefinition } from '../definition-file.ts'

const definition = trialYaml

/** A unit table: `units` in each arm, `started` and `watched` by the place of the row. */
function tableOf(
  units: { control: number; model: number },
  cells: (arm: 'control' | 'model', row: number) => readonly [started: unknown, watched: unknown],
): string {
  const rows = (['control', 'model'] as const).flatMap((arm) =>
    Array.from({ length: units[arm] }, (_, row) => [arm, ...cells(arm, row)].join(',')),
  )
  return `${['arm,started,watched', ...rows].join('\n')}\n`
}

async function analyzeTable(table: string | Uint8Array, options: { name?: string; args?: string[] } = {}) {
  const { name = 'units.csv', args = ['--variant', 'arm', '--json'] } = options
  const path = folderWith({ 'trial.yaml': definition, [name]: table })
  return fairtrial(['analyze', path('trial.yaml'), '--table', path(name), ...args])
}

const healthy = tableOf({ control: 3000, model: 3000 }, (arm, row) => [
  row % 10 < 9,
  (row % 7) + (arm === 'model' ? 2 : 0),
])
const harmful = tableOf({ control: 3000, model: 3000 }, (arm, row) => [
  row % 10 < (arm === 'model' ? 6 : 9),
  row % 7,
])

describe('analyze --table', () => {
  it('prints one document that holds an evaluation, an audit and a decision', async () => {
    const { code, document, stderr } = await analyzeTable(healthy)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { audit, decision, ...evaluation } = document
    expect(document.schema).toBe('fairtrial.analysis/1')
    expect(Evaluation.parse({ ...evaluation, schema: 'fairtrial.evaluation/1' })).toBeDefined()
    expect(AuditReport.parse(audit)).toBeDefined()
    expect(Decision.parse(decision)).toBeDefined()
    expect(document).toMatchObject({
      units: { control: 3000, model: 3000 },
      audit: { verdict: 'trusted', sampleRatio: { chiSquare: 0, pValue: 1 } },
      metrics: {
        watched: {
          role: 'primary',
          variants: { control: { n: 3000 }, model: { n: 3000 } },
          comparisons: {
            model: {
              effect: { absolute: expect.closeTo(2, 9), relative: expect.any(Number) },
              standardError: expect.any(Number),
              interval: { level: 0.95, absolute: [expect.any(Number), expect.any(Number)] },
              fixed: { pValue: expect.any(Number), interval: { level: 0.95 } },
              verdict: 'better',
            },
          },
        },
        'start.rate': { role: 'guardrail', comparisons: { model: { verdict: 'ok' } } },
      },
      decision: {
        action: 'ship',
        shipVariant: 'model',
        reasons: [expect.any(String), ...decision.reasons.slice(1)],
      },
    })
    expect(document.metrics.watched.comparisons).not.toHaveProperty('control')
  })

  it('reads an arm by its name or its value, plain or gzipped, in any order of the columns', async () => {
    const plain = await analyzeTable(healthy)
    const gzipped = await analyzeTable(gzipSync(healthy.replaceAll('model', 'Modèle')), {
      name: 'units.csv.gz',
    })
    const turned = healthy.replaceAll(/^(.*),(.*),(.*)$/gm, '"$3",extra,"$1",$2').replace('extra', 'note')
    const another = await analyzeTable(`\uFEFF${turned.replaceAll('\n', '\r\n')}`)
    expect(gzipped.document).toEqual(plain.document)
    expect(another.document).toEqual(plain.document)
  })

  it('exits 3 of a breached guardrail, before any doubt about the data', async () => {
    const breached = await analyzeTable(harmful)
    expect(breached.code).toBe(3)
    expect(breached.document.decision.action).toBe('abort')
    const alsoBroken = harmful + 'control,true,1\n'.repeat(1000)
    const both = await analyzeTable(alsoBroken)
    expect(both.code).toBe(3)
    expect(both.document.audit.verdict).toBe('broken')
  })

  it('exits 5 of a sample ratio that is no accident, and 4 of what is undecided', async () => {
    const lost = tableOf({ control: 3000, model: 2500 }, (_, row) => [row % 10 < 9, row % 7])
    const same = tableOf({ control: 3000, model: 3000 }, (_, row) => [row % 10 < 9, row % 7])
    expect(await analyzeTable(lost)).toMatchObject({ code: 5 })
    expect(await analyzeTable(same)).toMatchObject({ code: 4 })
  })

  it('is laid out in 80 columns for people', async () => {
    const { stdout } = await analyzeTable(harmful, { args: ['--variant', 'arm'] })
    expect(stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([])
    expect(stdout).toContain('start.rate (guardrail, to increase)')
    expect(stdout).toContain('model against control: breach')
    expect(stdout).toContain('Decision: abort')
  })

  it('counts a unit that repeats once, and one in two arms not at all', async () => {
    const table =
      'arm,unit,started,watched\ncontrol,a,1,1\ncontrol,a,1,9\nmodel,b,1,1\nmodel,c,1,1\ncontrol,c,1,1\n'
    const { document } = await analyzeTable(table, { args: ['--variant', 'arm', '--unit', 'unit', '--json'] })
    expect(document.units).toEqual({ control: 1, model: 1 })
  })

  it('tells the rows of a variant that the definition does not have', async () => {
    const { document, code } = await analyzeTable(healthy + 'Control,1,1\n__proto__,1,1\nconstructor,1,1\n')
    expect(code).toBe(0)
    expect(document.units).toEqual({ control: 3000, model: 3000 })
    expect(document.audit).toMatchObject({
      verdict: 'caution',
      findings: [
        { code: 'unknown-variant', detail: expect.stringContaining('3 rows (0.05 %)') },
        {},
        {},
        {},
        {},
      ],
    })
  })

  it.each([
    [
      'a column that is not there',
      'arm,watched\ncontrol,1\n',
      'no column "started"; it has "arm", "watched"',
    ],
    [
      'no row of a variant',
      'arm,started,watched\nControl,1,1\n',
      'No row is of a variant: column "arm" holds "Control"',
    ],
    ['an empty file', '', 'it is empty'],
    ['a column twice', 'arm,started,started,watched\n', 'the column "started" stands twice'],
    ['a ragged row', 'arm,started,watched\ncontrol,1,1\nmodel,1\n', 'on line 3'],
    ['an open quote', 'arm,started,watched\ncontrol,1,"1\n', 'Quote Not Closed'],
    [
      'text for a number',
      'arm,started,watched\ncontrol,1,many\n',
      'Row 1, column "watched": "many" is no number',
    ],
    ['text for a proportion', 'arm,started,watched\ncontrol,0.5,1\n', '"0.5" is neither true nor false'],
  ])('refuses %s', async (_, table, why) => {
    const { code, stderr, document } = await analyzeTable(table)
    expect(code).toBe(2)
    expect(stderr).toContain(why)
    expect(document).toMatchObject({ schema: 'fairtrial.error/1', code: 'invalid-table' })
    expect(document.remedy).not.toBe('')
    expect(stderr.trim().endsWith(document.remedy)).toBe(true)
  })

  it('refuses a gzip file that is cut off or none, a folder, and a file that is not there', async () => {
    const whole = gzipSync(healthy)
    const cut = await analyzeTable(whole.subarray(0, whole.length / 2), { name: 'units.csv.gz' })
    expect(cut).toMatchObject({ code: 2, stderr: expect.stringContaining('unexpected end of file') })
    const none = await analyzeTable(healthy, { name: 'units.csv.gz' })
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('incorrect header check') })
    const path = folderWith({ 'trial.yaml': definition })
    for (const table of [path('.'), path('nowhere.csv'), path('nowhere.csv.gz')]) {
      const { code, stderr } = await fairtrial([
        'analyze',
        path('trial.yaml'),
        '--table',
        table,
        '--variant',
        'arm',
      ])
      expect(code).toBe(2)
      expect(stderr).toContain(`${table} cannot be read as a table: E`)
    }
  })

  it('FAULTS 4: columns with the names of an object’s own are columns', async () => {
    for (const name of ['__proto__', 'constructor', 'prototype', 'toString']) {
      const path = folderWith({
        'trial.yaml': change(definition, 'column: started', `column: ${name}`),
        'units.csv': healthy.replace('started', name).replace('arm', 'hasOwnProperty'),
      })
      const args = ['--table', path('units.csv'), '--variant', 'hasOwnProperty', '--json']
      const { document } = await fairtrial(['analyze', path('trial.yaml'), ...args])
      expect(document.metrics['start.rate'].variants.control.mean).toBeCloseTo(0.9, 12)
      const missing = await analyzeTable(healthy, { args: ['--variant', name] })
      expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining(`no column "${name}"`) })
      expect(({} as { x?: unknown }).x).toBeUndefined()
    }
  })

  it('FAULTS 43: a header alone is no data, never a zero or a p-value', async () => {
    const { code, document } = await analyzeTable('arm,started,watched\n')
    expect(code).toBe(4)
    expect(document.units).toEqual({ control: 0, model: 0 })
    expect(document.audit).toMatchObject({ verdict: 'caution', sampleRatio: null })
    expect(document.audit.findings[0].code).toBe('no-data')
    const { variants, comparisons } = document.metrics.watched
    expect(variants.control.mean.notEstimable.code).toBe('no-data')
    expect(comparisons.model).toMatchObject({
      effect: { absolute: { notEstimable: {} }, relative: { notEstimable: {} } },
      standardError: { notEstimable: {} },
      interval: { absolute: { notEstimable: {} }, relative: { notEstimable: {} } },
      fixed: { pValue: { notEstimable: {} } },
      verdict: 'unknown',
    })
    const { stdout } = await analyzeTable('arm,started,watched\n', { args: ['--variant', 'arm'] })
    expect(stdout).not.toMatch(/NaN|undefined|null|Infinity/)
  })

  it.each([
    ['one arm only', tableOf({ control: 8, model: 0 }, (_, row) => [true, row])],
    ['one unit in an arm', tableOf({ control: 5, model: 1 }, (_, row) => [true, row])],
    ['all zero', tableOf({ control: 50, model: 50 }, () => [false, 0])],
    ['all equal', tableOf({ control: 50, model: 50 }, () => [true, 7])],
    ['all missing', tableOf({ control: 50, model: 50 }, () => ['', ''])],
    [
      'beyond the doubles',
      tableOf({ control: 50, model: 50 }, (_, row) => [true, row % 2 ? '1e308' : '-1e308']),
    ],
    ['not finite', tableOf({ control: 50, model: 50 }, () => [true, 'inf'])],
  ])('FAULTS 44: %s is told, never divided by', async (_, table) => {
    const { code, stdout, document } = await analyzeTable(table)
    expect(code).toBe(4)
    expect(Evaluation.safeParse({ ...document, schema: 'fairtrial.evaluation/1' }).success).toBe(true)
    for (const metric of Object.values<any>(document.metrics)) {
      expect(metric.comparisons.model.verdict).toBe('unknown')
    }
    expect(stdout).toContain('notEstimable')
  })
})

describe('analyze --log', () => {
  const MINUTE = 60_000
  const HOUR = 60 * MINUTE

  /** A log in which the model harms, of `viewers` from `NOW` on, and how to ask for it. */
  async function logOf(viewers: number, phase = 1) {
    const path = folderWith({ 'trial.yaml': definition })
    const experiment = await readDefinition(path('trial.yaml'))
    const clock = { time: NOW, now: () => clock.time }
    const recorder = createRecorder({
      sink: segmentSink({ directory: path('log'), producerId: 'test' }),
      clock,
      queue: { maximumEvents: 1e6 },
    })
    const state = { ...startRollout(experiment, { now: NOW, phase }), trafficPercent: 100 }
    const loaded = loadExperiment(experiment, state)
    for (let n = 0; n < viewers; n++) {
      const unit = { unitType: 'viewer', unitId: `viewer-${n}` }
      const arm = assign(loaded, unit)
      recorder.expose(arm)
      recorder.track({ ...unit, name: 'watched', value: n % 7 })
      if (n % 10 < (arm.variant === 'model' ? 6 : 9)) recorder.track({ ...unit, name: 'start.rate' })
    }
    clock.time += HOUR + MINUTE // the window, and the default lateness
    recorder.track({ unitType: 'viewer', unitId: 'viewer-0', name: 'watched', value: 1 })
    await recorder.close()
    return (command: string, ...args: string[]) =>
      fairtrial([
        command,
        path('trial.yaml'),
        '--log',
        path('log'),
        '--as-of',
        String(clock.time),
        '--json',
        ...args,
      ])
  }

  it('finds the harm that a log holds', async () => {
    const ask = await logOf(4000)
    const { code, document } = await ask('analyze')
    expect(code).toBe(3)
    expect(document.units.control + document.units.model).toBe(4000)
    expect(document.decision).toMatchObject({ action: 'abort', rule: 'guardrail-breach' })
    expect(document.audit.counts).toMatchObject({ exposures: 4000, replayMismatches: 0, missingEvents: 0 })
    expect(await ask('audit')).toMatchObject({
      code: 0,
      document: { schema: 'fairtrial.audit/1', verdict: 'trusted' },
    })
  })

  it('reads one phase, and no other', async () => {
    const ask = await logOf(4000, 2)
    const second = await ask('analyze', '--phase', '2')
    expect(second).toMatchObject({ code: 3, document: { phase: 2, decision: { phase: 2, action: 'abort' } } })
    const first = await ask('analyze')
    expect(first).toMatchObject({ code: 4, document: { phase: 1, units: { control: 0, model: 0 } } })
  })

  it('FAULTS 43: an empty folder is no data, and exits 4; one that is not there is an error', async () => {
    const path = folderWith({ 'trial.yaml': definition, file: '' })
    mkdirSync(path('log'))
    for (const command of ['analyze', 'audit']) {
      const empty = await fairtrial([command, path('trial.yaml'), '--log', path('log'), '--json'])
      expect(empty.code).toBe(4)
      const { findings } = command === 'audit' ? empty.document : empty.document.audit
      expect(findings[0].code).toBe('no-data')
      for (const nowhere of [path('nowhere'), path('file')]) {
        const { code, stderr } = await fairtrial([command, path('trial.yaml'), '--log', nowhere])
        expect(code).toBe(2)
        expect(stderr).toContain(`--log ${nowhere} is n`)
      }
    }
  })

  it('FAULTS 51: a time of day needs its offset, and a day is a day of the calendar', async () => {
    const ask = await logOf(10)
    const asOf = async (time: string) => (await ask('analyze', '--as-of', time)).document.asOf
    expect(await asOf('2024-02-29')).toBe(Date.UTC(2024, 1, 29))
    expect(await asOf('2026-03-29T02:30:00+01:00')).toBe(Date.UTC(2026, 2, 29, 1, 30))
    expect(await asOf('2026-11-01T05:30Z')).toBe(Date.UTC(2026, 10, 1, 5, 30))
    for (const time of ['2026-03-29T02:30', '2025-02-29', '2026-02-30T00:00Z', 'yesterday', '1.5', '']) {
      expect(await ask('analyze', '--as-of', time)).toMatchObject({
        code: 2,
        stdout: expect.stringContaining('invalid-argument'),
      })
    }
  })
})
