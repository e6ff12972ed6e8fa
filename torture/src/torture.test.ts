import { describe, expect, it } from 'vitest'
import { isHeld } from './row.ts'
import { rows } from './rows.ts'
import { table } from './table.ts'

const found = await Promise.all(rows.map(async (row) => ({ row, missing: await row.missing() })))

describe('torture, the short form', () => {
  for (const { row, missing } of found) {
    it.skipIf(missing !== null)(
      `${row.name} (FAULTS ${row.faults.join(', ')})`,
      async () => {
        const suffering = await row.run({ isShort: true, seed: 1, progress: () => undefined })
        expect(isHeld(suffering), table([{ row, suffering }])).toBe(true)
      },
      600_000,
    )
  }
})
