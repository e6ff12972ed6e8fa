import { describe, expect, it } from 'vitest'
import { type Duration, durationMs } from './duration.ts'

describe('durationMs', () => {
  it.each<[Duration, number]>([
    ['500ms', 500],
    ['30s', 30_000],
    ['15m', 900_000],
    ['36h', 129_600_000],
    ['14d', 1_209_600_000],
    ['1.1h', 3_960_000],
    ['0s', 0],
  ])('reads %s', (duration, milliseconds) => {
    expect(durationMs(duration)).toBe(milliseconds)
  })

  it.each(['', '5', 's', '-1s', '1 s', '1w', '1e3s', 'Infinityd', '99999999999999d', '١s'])(
    'refuses %j',
    (text) => {
      expect(() => durationMs(text as Duration)).toThrow(
        expect.objectContaining({
          code: 'invalid-argument',
          message: expect.stringContaining(JSON.stringify(text)),
        }),
      )
    },
  )
})
