import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readEvents, type ServerEvent } from './read-events.ts'

async function eventsOf(pieces: readonly Uint8Array[]): Promise<ServerEvent[]> {
  const events: ServerEvent[] = []
  for await (const event of readEvents(
    (async function* () {
      yield* pieces
    })(),
  ))
    events.push(event)
  return events
}

describe('readEvents', () => {
  it('reads the same events in whatever pieces they come', async () => {
    const text =
      ': hello\r\nevent: change\r\ndata: {"a":"ü"}\r\n\r\ndata:one\ndata: two\n\nevent: lost\n\nid: 7\rdata\r\r'
    const bytes = new TextEncoder().encode(text)
    const expected = [
      { event: 'change', data: '{"a":"ü"}' },
      { event: 'message', data: 'one\ntwo' },
      { event: 'message', data: '' },
    ]
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
        const pieces = at.slice(1).map((end, i) => bytes.slice(at[i], end))
        expect(await eventsOf([...pieces, new TextEncoder().encode('\r')])).toEqual(expected)
      }),
    )
  })

  it('gives up on an event without an end', async () => {
    const endless = new TextEncoder().encode('data: '.padEnd(600_000, 'x'))
    expect(await eventsOf([endless, endless, new TextEncoder().encode('\n\n')])).toEqual([])
  })
})
