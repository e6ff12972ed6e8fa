import { ExperimentError } from '@fairtrial/protocol/error'

/**
 * The body of an answer as text, of at most `maximumBytes`: the declared length is looked at before a byte is
 * read, and what arrives is counted, so that no more than the limit is ever held.
 *
 * @throws ExperimentError `refused` when it is larger; whatever the body throws when it breaks off
 */
export async function readBounded(
  response: Response,
  maximumBytes: number,
  address: string,
): Promise<string> {
  const refuseAbove = (bytes: number) => {
    if (bytes <= maximumBytes) return
    throw new ExperimentError(
      'refused',
      `${address} answers with more than ${maximumBytes} bytes.`,
      'See that a control plane listens there, and take finished experiments out of it.',
    )
  }
  refuseAbove(Number(response.headers.get('content-length') ?? 0))
  if (response.body === null) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    refuseAbove(bytes)
    text += decoder.decode(value, { stream: true })
  }
}
