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
