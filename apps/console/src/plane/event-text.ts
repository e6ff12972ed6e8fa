/** One server-sent event. */
export interface ServerEvent {
  readonly event: string
  readonly data: string
}

/**
 * Reads server-sent events out of text that comes in any pieces, as the HTML standard has it: lines end in CR, LF or both,
 * an empty line ends an event, a line that begins with a colon is a comment.
 */
export function createEventReader(): (text: string) => ServerEvent[] {
  let rest = ''
  let event = ''
  let data: string[] = []
  return (text) => {
    const events: ServerEvent[] = []
    // A CR at the end may be half of a CRLF: it waits for what comes.
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) events.push({ event: event === '' ? 'message' : event, data: data.join('\n') })
        event = ''
        data = []
        continue
      }
      const colon = line.indexOf(':')
      const field = colon === -1 ? line : line.slice(0, colon)
      const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'event') event = value
      if (field === 'data') data.push(value)
    }
    return events
  }
}
