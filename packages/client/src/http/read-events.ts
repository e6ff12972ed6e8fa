import { ExperimentError } from '@fairtrial/protocol/error'

/** One server-sent event. */
export interface ServerEvent {
  readonly event: string
  readonly data: string
}

/**
 * The events of a stream, as they come; ends with it. An event larger than the limit ends it with an error.
 *
 * @throws ExperimentError `refused` for an event that is too large
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  maximumBytes: number,
  address: string,
): AsyncGenerator<ServerEvent> {
  const reader = body.getReader()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      text += decoder.decode(value, { stream: true })
      const whole = text.split('\n\n')
      text = whole.pop() ?? ''
      for (const block of whole) {
        const event = eventOf(block)
        if (event !== null) yield event
      }
      if (text.length > maximumBytes) throw tooLarge(maximumBytes, address)
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** Null for a block without data: a comment, a retry. */
function eventOf(block: string): ServerEvent | null {
  let event = 'message'
  const data: string[] = []
  for (const line of block.split('\n')) {
    const [, field, value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? []
    if (field === 'event') event = value
    if (field === 'data') data.push(value)
  }
  return data.length === 0 ? null : { event, data: data.join('\n') }
}

function tooLarge(maximumBytes: number, address: string): ExperimentError {
  return new ExperimentError(
    'refused',
    `${address} sends an event of more than ${maximumBytes} bytes.`,
    'See that a control plane listens there, and take finished experiments out of it.',
  )
}
