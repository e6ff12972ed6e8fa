import { postgresForTests } from '@fairtrial/databases'
import { afterEach, describe, expect, it } from 'vitest'
import { connectPostgres } from './database.ts'
import type { Database } from './database.ts'
import { postgresTrail } from './postgres-trail.ts'

const postgres = await postgresForTests()

const open: Database[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((database) => database.close()))
})

async function connect(connectionString: string): Promise<Database> {
  const database = await connectPostgres({ connectionString })
  open.push(database)
  return database
}

describe.skipIf(postgres.isMissing)('postgresTrail', () => {
  it('appends behind the last line only, letter for letter, and reads from anywhere', async () => {
    const trail = postgresTrail(await connect(await postgres.createDatabase()))
    expect(await trail.after(0, 10)).toEqual([])
    const lines = ['{"a":1}', `{"b":"ü'; DROP TABLE fairtrial.trail; --\\u0000"}`]
    expect(await trail.append(lines, 0)).toBe(true)
    expect(await trail.append(['{"c":1}'], 1)).toBe(false)
    expect(await trail.append(['{"c":1}'], 3)).toBe(false)
    expect(await trail.append(['{"c":1}'], 2)).toBe(true)
    expect(await trail.after(0, 10)).toEqual(
      [...lines, '{"c":1}'].map((line, i) => ({ sequence: i + 1, line })),
    )
    expect(await trail.after(1, 1)).toEqual([{ sequence: 2, line: lines[1] }])
  })

  it('of many who append at once lets one go first, without a gap', async () => {
    const url = await postgres.createDatabase()
    const trails = [postgresTrail(await connect(url)), postgresTrail(await connect(url))]
    const appendWhole = async (replica: number, n: number) => {
      // Of different lengths: of a longer one nothing may go in beside a shorter one.
      const lines = Array.from({ length: 1 + (n % 5) }, (_, i) => `${n}/${i}`)
      for (;;) {
        const trail = trails[replica]!
        const last = (await trail.after(0, 1_000)).length
        if (await trail.append(lines, last)) return
      }
    }
    await Promise.all(Array.from({ length: 40 }, (_, n) => appendWhole(n % 2, n)))
    const lines = await trails[0]!.after(0, 1_000)
    expect(lines.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 120 }, (_, i) => i + 1))
    // What is appended together stands together.
    const groups = lines.map(({ line }) => line.split('/'))
    for (const [i, [n, part]] of groups.entries())
      if (part !== '0') expect(groups[i - 1]).toEqual([n, String(Number(part) - 1)])
  })

  it('keeps lines for ever: none is changed or deleted, by nobody', async () => {
    const database = await connect(await postgres.createDatabase())
    await postgresTrail(database).append(['one'], 0)
    for (const attack of [
      `UPDATE fairtrial.trail SET line = 'two'`,
      'DELETE FROM fairtrial.trail',
      'TRUNCATE fairtrial.trail',
    ]) {
      await expect(database.query(attack), attack).rejects.toThrow(/appended and never changed/)
    }
  })
})
