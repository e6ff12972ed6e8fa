import { describe, expect, it } from 'vitest'
import { fairtrial, folderWith } from '../test/terminal.ts'
import { trialYaml } from '../test/trial.ts'

/** Analyzes `rows` of a table with these columns. */
function analyzeRows(header: string, rows: readonly string[], ...args: string[]) {
  const path = folderWith({ 'trial.yaml': trialYaml, 'units.csv': [header, ...rows].join('\n') })
  return fairtrial(['analyze', path('trial.yaml'), '--table', path('units.csv'), '--variant', 'arm', ...args])
}

describe('the units of a table', () => {
  const rows = ['control,Anna,1,4', 'control,anna,1,5', 'model, bo,1,6', 'model,carl,1,7']

  it('FAULTS 17: that differ by case or spaces alone are counted apart, and told', async () => {
    const { stdout } = await analyzeRows('arm,unit,started,watched', rows, '--unit', 'unit')
    expect(stdout).toContain('units control 2, model 2')
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'caution similar-unit-ids: 1 pair of unit ids differs in nothing but case or spaces at the ends, such as "Anna" and "anna": 2 units of 4 (50 %).',
    )
  })

  it('are anonymous without a column that names them', async () => {
    const { stdout } = await analyzeRows('arm,unit,started,watched', rows)
    expect(stdout).toContain('units control 2, model 2')
    expect(stdout).not.toContain('similar-unit-ids')
  })
})

describe('who the units of a table are', () => {
  /** Safari loses one unit in four of the model's; the other browsers lose none. */
  const rows = ['Chrome', 'Firefox', 'Safari'].flatMap((browser) =>
    Array.from({ length: 2_000 }, (_, i) => {
      const arm = i % 2 ? 'control' : 'Modèle'
      const isLost = browser === 'Safari' && arm === 'Modèle' && i % 8 === 0
      return isLost ? [] : [`${arm},${browser},${20 + (i % 50)},1,${i % 7}`]
    }).flat(),
  )
  const header = 'arm,browser,age,started,watched'
  const looked = ['--dimension', 'browser', '--covariate', 'age'] as const

  it('C8, B13: is looked at along the dimensions and by the covariates asked for', async () => {
    const { document } = await analyzeRows(header, rows, ...looked, '--json')
    expect(document.audit.dimensions).toMatchObject([
      {
        dimension: 'browser',
        distinct: 3,
        segments: [{ segment: 'Safari', observed: { control: 1_000, model: 750 } }, {}, {}],
      },
    ])
    expect(document.audit.balance).toMatchObject([
      { covariate: 'age', variants: { control: { n: 3_000 }, model: { n: 2_750 } } },
    ])
    const finding = document.audit.findings.find(
      ({ code }: { code: string }) => code === 'sample-ratio-segment',
    )
    expect(finding).toMatchObject({ severity: 'caution', detail: expect.stringContaining('"Safari"') })
  })

  it('is told to people, in 80 columns', async () => {
    const { stdout } = await analyzeRows(header, rows, ...looked)
    expect(stdout).toContain(
      '  by browser  control  model   off by  adjusted p\n    Safari      1,000    750  14.29 %',
    )
    expect(stdout).toContain('p that segments are off alike: ')
    expect(stdout).toMatch(/balance +units +mean +difference \/ sd +adjusted p\n {2}age\n {4}control/)
    expect(stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([])
  })

  it('FAULTS 52: is told of the largest segments, with the limit', async () => {
    const { stdout } = await analyzeRows(header, rows, '--dimension', 'age')
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'Of 50 different texts the largest are told apart: at most 10, and none of too few units to test.',
    )
    expect(stdout).toContain('(all others)')
  })

  it('exits 5 where arms differ in a covariate by far more than chance', async () => {
    const older = rows.map((row, i) =>
      row.replace(/,\d+,1,/, `,${row.startsWith('control') ? 30 : 40 + (i % 9)},1,`),
    )
    const { code, stdout } = await analyzeRows(header, older, '--covariate', 'age')
    expect(stdout).toContain('broken  covariate-imbalance: Arms differ before the exposure')
    expect(code).toBe(5)
  })

  it('is refused of a column that is not there, of a covariate that is text, and of a log', async () => {
    for (const option of ['--dimension', '--covariate']) {
      expect(await analyzeRows(header, rows, option, 'city')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(
          'The table has no column "city"; it has "arm", "browser", "age", "started", "watched".',
        ),
      })
    }
    expect(await analyzeRows(header, rows, '--covariate', 'browser')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        'Row 1, column "browser": "Chrome" is no number, as a covariate must be.',
      ),
    })
    expect(
      await fairtrial(['analyze', 'trial.yaml', '--log', 'log', '--dimension', 'browser']),
    ).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("'--dimension <column>' cannot be used with option '--log <dir>'"),
    })
  })
})
