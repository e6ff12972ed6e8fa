import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEventReader } from './event-text.ts'

describe('createEventReader', () => {
  it('reads events, comments and several lines of data', () => {
    const read = createEventReader()
    expect(read(': hello\n\nevent: change\ndata: {"a":1}\n\ndata: one\ndata:two\n\nid: 7\n\n')).toEqual([
      { event: 'change', data: '{"a":1}' },
      { event: 'message', data: 'one\ntwo' },
    ])
  })

  it('reads the same in whatever pieces, and with whatever ends of line, it comes', () => {
    const events = [
      { event: 'change', data: '{"experiment":"a"}' },
      { event: 'beat', data: '{}' },
      { event: 'message', data: 'x\ny' },
    ]
    const textOf = (end: string) =>
      events
        .map(({ event, data }) =>
          [`event: ${event}`, ...data.split('\n').map((line) => `data: ${line}`), '', ''].join(end),
        )
        .join('')
    fc.assert(
      fc.property(
        fc.constantFrom('\n', '\r\n'),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (end, sizes) => {
          const read = createEventReader()
          const text = textOf(end)
          const found = []
          for (let at = 0, i = 0; at < text.length; i++) {
            const size = sizes[i % sizes.length] ?? 1
            found.push(...read(text.slice(at, at + size)))
            at += size
          }
          expect(found).toEqual(events)
        },
      ),
    )
  })

  it('says nothing of an event that is not over', () => {
    expect(createEventReader()('event: change\ndata: {}\n')).toEqual([])
  })
})
