import { describe, expect, it } from 'vitest'
import { fairtrial, folderWith } from '../test/terminal.ts'
import { trialYaml } from '../test/trial.ts'

const days = ['arm,day,clicks,started', 'control,Mon,100,20', 'Modèle,Mon,90,27', 'control,Tue,50,10']
const proportion = trialYaml
  .replace('type: mean, role: primary', 'type: proportion, role: primary, column: enrolled')
  .replace('metric: watched', 'metric: watched')

function analyze(rows: readonly string[], definition: string, ...args: string[]) {
  const path = folderWith({ 'trial.yaml': definition, 'days.csv': rows.join('\n') })
  return fairtrial(['analyze', path('trial.yaml'), '--table', path('days.csv'), '--variant', 'arm', ...args])
}

describe('analyze --units', () => {
  const rows = days.map((row, i) => `${row},${i === 0 ? 'enrolled' : '5'}`)

  it('takes each row for as many units, in the metrics and in the sample ratio', async () => {
    const { document } = await analyze(rows, proportion, '--units', 'clicks', '--json')
    expect(document.units).toEqual({ control: 150, model: 90 })
    expect(document.audit.sampleRatio.observed).toEqual({ control: 150, model: 90 })
    expect(document.metrics['start.rate'].variants).toMatchObject({
      control: { n: 150, mean: 0.2 },
      model: { n: 90, mean: 0.3 },
    })
  })

  it('refuses metrics that counts do not tell, and what asks who the units are', async () => {
    const mean = await analyze(rows, trialYaml, '--units', 'clicks')
    expect(mean.code).toBe(2)
    expect(mean.stderr).toContain('the spread of a mean, which metric "watched" is')
    const who = await analyze(rows, proportion, '--units', 'clicks', '--dimension', 'day')
    expect(who.code).toBe(2)
    expect(who.stderr).toContain(
      "option '--units <column>' cannot be used with option '--dimension <column>'",
    )
  })
})

describe('analyze --where', () => {
  const rows = ['arm,unit,started,watched,country', 'control,a,1,4,DE', 'control,b,0,5,FR', 'Modèle,c,1,6,DE']

  it('reads the rows that fulfil every condition, in the audit too', async () => {
    const { document } = await analyze(rows, trialYaml, '--where', 'country=DE', '--unit', 'unit', '--json')
    expect(document.units).toEqual({ control: 1, model: 1 })
    const both = ['--where', 'country=DE', '--where', 'arm=control', '--dimension', 'country', '--json']
    const narrow = await analyze(rows, trialYaml, ...both)
    expect(narrow.document.units).toEqual({ control: 1, model: 0 })
    expect(narrow.document.audit.dimensions[0].distinct).toBe(1)
  })

  it('refuses a column that is not there, and what is no condition', async () => {
    const unknown = await analyze(rows, trialYaml, '--where', 'day=Mon')
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toContain('no column "day"')
    const none = await analyze(rows, trialYaml, '--where', 'DE')
    expect(none.code).toBe(2)
    expect(none.stderr).toContain("Give a column and the text of its cells, e.g. 'country=DE'.")
  })
})
