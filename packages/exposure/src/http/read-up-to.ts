/** The beginning of a body as text: about so many bytes are held at most, and what comes after them is let go. */
export async function readUpTo(maximumBytes: number, { body }: Response): Promise<string> {
  if (body === null) return ''
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (let bytes = 0; bytes < maximumBytes; ) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    text += decoder.decode(value, { stream: true })
    bytes += value.byteLength
  }
  await reader.cancel()
  return text
}
