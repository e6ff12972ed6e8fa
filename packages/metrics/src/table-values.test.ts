import { describe, expect, it } from 'vitest'
import { metricsWith, trial } from '../test/trial.ts'
import { tableValues } from './table-values.ts'

const header = ['id', 'arm', 'started', 'plays', 'watched', 'latency_ms']

describe('the values of a table', () => {
  it('are those of one arm, unit by unit, as they count: each unit once, empty cells by whenMissing', () => {
    const rows = [
      header,
      ['1', 'control', 'TRUE', '3', '-15', '20'],
      ['2', 'model', 'FALSE', '1', '25', '40'],
      ['1', 'control', 'FALSE', '9', '9', '9'],
      ['3', 'control', '', '', '', ''],
      ['4', 'nobody', '1', '1', '1', '1'],
    ]
    expect(tableValues(trial(), 'control', rows, { variantColumn: 'arm', unitColumn: 'id' })).toMatchObject([
      { started: [1, 1], plays: [3, 1], watched: [-15, 1], latency: [20, 1] },
      { started: [0, 1], plays: [0, 1], watched: [0, 1], latency: null },
    ])
  })

  it('lie within their caps', () => {
    const capped = trial({ metrics: metricsWith('watched', { cap: { upper: 10 } }) })
    const rows = [header, ['1', 'control', '1', '1', '25', '40']]
    expect(tableValues(capped, 'control', rows, { variantColumn: 'arm' })[0]).toMatchObject({
      watched: [10, 1],
    })
  })
})
