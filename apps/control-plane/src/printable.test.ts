import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { printable } from './printable.ts'

it.each([
  ['a line break', 'ok\r\ncontrol plane: aborted', 'ok\\u000d\\u000acontrol plane: aborted'],
  ['an escape sequence', '\u001b[2J\u001b[31mred', '\\u001b[2J\\u001b[31mred'],
  ['one of a single byte', '\u009b2J', '\\u009b2J'],
  ['a turned direction', 'abc\u202egpj.exe', 'abc\\u202egpj.exe'],
  ['a separator of lines', 'a\u2028b\u2029c\u0085d', 'a\\u2028b\\u2029c\\u0085d'],
  ['what is not seen', 'ad\u200bmin\u0000', 'ad\\u200bmin\\u0000'],
  ['nothing of the kind', 'Zürich 東京 🎬 "quoted" \\n', 'Zürich 東京 🎬 "quoted" \\n'],
])('FAULTS 68: shows %s', (_, text, shown) => {
  expect(printable(text)).toBe(shown)
})

it('FAULTS 68: leaves one line, whatever it is given', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u)
    }),
  )
})
