import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fairtrial, folderWith } from '../../test/terminal.ts'
import { trial } from '../../test/trial.ts'
import { viewers } from '../../test/viewers.ts'

/** As lines of a log. */
const lines = (from: number, to: number): string =>
  viewers(from, to)
    .map((event) => `${JSON.stringify(event)}\n`)
    .join('')

async function locked() {
  const within = folderWith({
    'study/plans/trial.json': JSON.stringify(trial),
    'study/log/a.000001.ndjson': lines(0, 200),
    'study/log/b.000001.ndjson': '',
  })
  const path = (name: string) => within(`study/${name}`)
  const analysis = ['analyze', path('plans/trial.json'), '--log', path('log')]
  const { code, stdout } = await fairtrial([...analysis, '--lock', path('evaluation.lock'), '--json'])
  expect(code).toBe(4)
  return {
    path,
    analysis,
    answer: stdout,
    verify: async (...args: string[]) => fairtrial(['verify', path('evaluation.lock'), ...args]),
  }
}

describe('verify', () => {
  it('makes the same answer again, byte for byte, from the data as they were', async () => {
    const { path, verify, answer } = await locked()
    const lock = JSON.parse(readFileSync(path('evaluation.lock'), 'utf8'))
    expect(lock.inputs).toEqual([
      { source: 'log/a.000001.ndjson', upTo: lines(0, 200).length, sha256: expect.any(String) },
      { source: 'log/b.000001.ndjson', upTo: 0, sha256: expect.any(String) },
    ])
    expect(`${JSON.stringify(lock.document.content, null, 2)}\n`).toBe(answer)
    // What has come since is not what was analyzed.
    appendFileSync(path('log/a.000001.ndjson'), lines(200, 300))
    writeFileSync(path('log/c.000001.ndjson'), lines(300, 400))
    const { code, document } = await verify('--json')
    expect(document).toEqual({
      schema: 'fairtrial.verification/1',
      verified: true,
      sha256: lock.document.sha256,
      changes: [],
    })
    expect(code).toBe(0)
  })

  it('goes on where the folder is moved as a whole', async () => {
    const { path } = await locked()
    renameSync(path('.'), path('../moved'))
    expect(await fairtrial(['verify', path('../moved/evaluation.lock')])).toMatchObject({ code: 0 })
  })

  it('says which data were edited, cut or removed, and what that does to the answer', async () => {
    const { path, verify } = await locked()
    const log = path('log/a.000001.ndjson')
    const before = readFileSync(log, 'utf8')
    writeFileSync(log, before.replace('"value":7', '"value":8'))
    const edited = await verify()
    expect(edited.code).toBe(5)
    expect(edited.stdout).toMatch(/not verified/)
    expect(edited.stdout).toMatch(/input +log\/a.000001.ndjson has been edited within its first/)
    expect(edited.stdout).toMatch(/answer +metrics\.watched\..* was .*, and is/)

    writeFileSync(log, before.slice(0, -1))
    expect((await verify()).stdout).toMatch(/input +log\/a.000001.ndjson is cut/)
    renameSync(log, path('elsewhere'))
    expect((await verify()).stdout).toMatch(/input +log\/a.000001.ndjson is gone/)
  })

  it('says that the definition is another, or no longer there', async () => {
    const { path, verify } = await locked()
    writeFileSync(path('plans/trial.json'), JSON.stringify({ ...trial, salt: 'another' }))
    expect((await verify('--json')).document).toMatchObject({
      verified: false,
      changes: expect.arrayContaining([
        { what: 'definition', detail: expect.stringMatching(/^plans\/trial.json is another design/) },
      ]),
    })
    renameSync(path('plans/trial.json'), path('elsewhere'))
    const gone = await verify('--json')
    expect(gone).toMatchObject({ code: 5, document: { verified: false, sha256: null } })
    expect(gone.document.changes).toEqual([
      { what: 'analysis', detail: expect.stringContaining('It cannot be made again') },
    ])
  })

  it('tells of other code, though the answer be the same', async () => {
    const { path, verify } = await locked()
    const lock = JSON.parse(readFileSync(path('evaluation.lock'), 'utf8'))
    const other = { ...lock, code: { ...lock.code, sha256: '0'.repeat(64), node: 'v18.0.0' } }
    writeFileSync(path('evaluation.lock'), JSON.stringify(other))
    const { code, document } = await verify('--json')
    expect({ code, verified: document.verified }).toEqual({ code: 0, verified: true })
    expect(document.changes.map(({ what }: { what: string }) => what)).toEqual(['code', 'code'])
  })

  it('locks a table with the looks before it', async () => {
    const plan = { ...trial, analysis: { method: 'group-sequential', maximumUnits: 400, looks: 4 } }
    const rows = Array.from({ length: 50 }, (_, i) => `${i % 7},TRUE,${['control', 'Modèle'][i % 2]}`)
    const path = folderWith({ 'trial.json': JSON.stringify(plan), 'units.csv': ['', ...rows].join('\n') })
    const table = (n: number) =>
      writeFileSync(path('units.csv'), ['watched,started,arm', ...Array(n).fill(rows).flat()].join('\n'))
    const data = ['--table', path('units.csv'), '--variant', 'arm', '--looks', path('looks.json')]
    const look = (...args: string[]) => fairtrial(['analyze', path('trial.json'), ...data, ...args])
    table(2)
    await look()
    table(4)
    await look('--lock', path('second.lock'))
    expect(await fairtrial(['verify', path('second.lock')])).toMatchObject({ code: 0 })
    // The ledger has moved on; the lock has kept what it was.
    table(6)
    expect(await fairtrial(['verify', path('second.lock')])).toMatchObject({ code: 5 })
    table(4)
    await look()
    expect(await fairtrial(['verify', path('second.lock')])).toMatchObject({ code: 0 })
  })

  it('looks for no brokers of a lock that is of files', async () => {
    const { verify } = await locked()
    expect(await verify('--kafka', 'localhost:9092')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('of files, not of topics'),
    })
  })

  it('overwrites no lock, and takes nothing else for one', async () => {
    const { path, analysis } = await locked()
    const before = readFileSync(path('evaluation.lock'), 'utf8')
    const again = await fairtrial([...analysis, '--lock', path('evaluation.lock')])
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('is there already') })
    expect(readFileSync(path('evaluation.lock'), 'utf8')).toBe(before)
    for (const [name, code] of [
      ['plans/trial.json', 2],
      ['log/a.000001.ndjson', 2],
      ['nowhere', 2],
      ['log', 2],
    ] as const) {
      expect(await fairtrial(['verify', path(name)])).toMatchObject({ code })
    }
  })
})
