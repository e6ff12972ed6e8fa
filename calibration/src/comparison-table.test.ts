import { expect, it } from 'vitest'
import { comparisonTable } from './comparison-table.ts'
import type { Measurement } from './row.ts'

const measured = (name: string, subject: string, changes: Partial<Measurement> = {}): Measurement => ({
  name: `${name}/${subject}`,
  subject,
  claim: name,
  source: 'a test',
  trials: 100,
  measured: 0.25,
  error: 0.01,
  isHeld: null,
  ...changes,
})

it('has a line for each claim and a column for each subject, and the bar of the one that has one', () => {
  const table = comparisonTable([
    measured('aborted', 'ours', { bar: { atMost: 0.05 }, isHeld: false }),
    measured('aborted', 'theirs'),
    measured('units', 'theirs', { measured: 1_234, error: 0 }),
  ])
  expect(table.split('\n')).toEqual([
    'claim               ours           theirs  bar       held      row',
    'aborted  0.2500 ± 0.0100  0.2500 ± 0.0100  ≤ 0.0500  NOT HELD  aborted',
    'units                                1234            shown     units',
  ])
})
