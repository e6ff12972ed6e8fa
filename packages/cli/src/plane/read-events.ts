/** One server-sent event. */
export interface ServerEvent {
  readonly event: string
  readonly data: string
}

/** An event is a few hundred bytes; what grows and grows is none. */
const LONGEST_EVENT = 1024 * 1024

/**
 * Server-sent events of a body, as the HTML standard has them: a line ends in CR, LF or both, an empty one ends an event,
 * one that begins with a colon is a comment.
 */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  let event = 'message'
  let data: string[] = []
  for await (const bytes of body) {
    // A CR at the end may be half of a CRLF: it waits for what comes.
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    if (rest.length > LONGEST_EVENT) return
    for (const line of lines) {
      const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? []
      if (field === 'event') event = value
      if (field === 'data') data.push(value)
      if (line !== '') continue
      if (data.length > 0) yield { event, data: data.join('\n') }
      event = 'message'
      data = []
    }
  }
}
