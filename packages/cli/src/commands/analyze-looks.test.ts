import { readFileSync, writeFileSync } from 'node:fs'
import { expect, describe, it } from 'vitest'
import { fairtrial, folderWith } from '../../test/terminal.ts'
import { trial } from '../../test/trial.ts'
import { readLookFile, writeLookFile } from '../look-file.ts'

const plan = {
  ...trial,
  metrics: { ...trial.metrics },
  analysis: { method: 'group-sequential', maximumUnits: 400, looks: 4 },
}

/** So many units in each arm; in the model's, one more in ten has watched. */
function table(units: number, lift = 0): string {
  const rows = Array.from({ length: units }, (_, i) => {
    const watched = (arm: number) => 10 + (i % 7) + arm * lift
    return [`c${i},control,${watched(0)},TRUE,200,A`, `m${i},Modèle,${watched(1)},TRUE,200,B`]
  })
  return ['unit,arm,watched,started,latency,country', ...rows.flat()].join('\n')
}

function study() {
  const path = folderWith({ 'trial.json': JSON.stringify(plan) })
  return {
    path,
    look: (units: number, lift = 0, ...args: string[]) => {
      writeFileSync(path('units.csv'), table(units, lift))
      const looks = ['--looks', path('looks.json')]
      const data = ['--table', path('units.csv'), '--variant', 'arm']
      return fairtrial(['analyze', path('trial.json'), ...data, ...looks, '--json', ...args])
    },
  }
}

const primary = (document: any) => document.metrics.watched.comparisons.model

describe('analyze --looks', () => {
  it('keeps account of the looks in a file: none is taken twice, and none is free', async () => {
    const { path, look } = study()
    const recorded = () => JSON.parse(readFileSync(path('looks.json'), 'utf8')).looks
    expect(primary((await look(50)).document).look).toMatchObject({ kind: 'scheduled', taken: 1 })
    expect(primary((await look(50)).document).look).toMatchObject({ kind: 'glance', taken: 1 })
    expect(recorded()).toHaveLength(1)
    expect(primary((await look(60, 0, '--look', 'independent')).document).look).toMatchObject({
      kind: 'independent',
      taken: 2,
    })
    expect(primary((await look(110, 0, '--look', 'glance')).document).look).toMatchObject({ taken: 2 })
    const third = await look(110)
    expect(primary(third.document).look).toMatchObject({ kind: 'scheduled', taken: 3 })
    const spent = recorded().map(({ alphaSpent }: { alphaSpent: number }) => alphaSpent)
    expect(spent).toHaveLength(3)
    expect(spent).toEqual(spent.toSorted((a: number, b: number) => a - b))
  })

  it('keeps what was decided', async () => {
    const { look } = study()
    expect(primary((await look(50, 5)).document)).toMatchObject({ verdict: 'better' })
    expect(primary((await look(120)).document)).toMatchObject({ verdict: 'better', look: { kind: 'done' } })
  })

  it.each([
    ['something else', 'hello', 'holds no look ledger'],
    ['nothing', '', 'holds no look ledger'],
  ])('refuses a file that holds %s, and leaves it', async (_what, content, message) => {
    const { path, look } = study()
    writeFileSync(path('looks.json'), content)
    const { code, stderr } = await look(50)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(readFileSync(path('looks.json'), 'utf8')).toBe(content)
  })

  it('refuses the looks of another definition', async () => {
    const { path, look } = study()
    await look(50)
    writeFileSync(path('trial.json'), JSON.stringify({ ...plan, analysis: { ...plan.analysis, looks: 5 } }))
    expect(await look(60)).toMatchObject({ code: 2, stderr: expect.stringContaining('look ledger is of') })
  })

  it('does not overwrite the look that another analysis has recorded meanwhile', async () => {
    const { path, look } = study()
    await look(50)
    const before = await readLookFile(path('looks.json'))
    await look(110)
    const meanwhile = readFileSync(path('looks.json'), 'utf8')
    await expect(writeLookFile(path('looks.json'), before!, before)).rejects.toMatchObject({
      code: 'revision-conflict',
    })
    expect(readFileSync(path('looks.json'), 'utf8')).toBe(meanwhile)
  })

  it('tells a look that could not be recorded, and answers nothing', async () => {
    const { path, look } = study()
    const { code, stderr, document } = await look(50, 0, '--looks', path('missing/looks.json'))
    expect(code).toBe(2)
    expect(stderr).toContain('has not been recorded')
    expect(document).toMatchObject({ schema: 'fairtrial.error/1' })
  })
})
