import { isPlain } from './exposure-digest.ts'

const encoder = new TextEncoder()

/** A line under construction, as bytes: a head that stays, and a tail that is written anew for each event. */
export class LineBuffer {
  bytes: Uint8Array
  length: number
  readonly #headLength: number
  #views: Uint8Array[] = []

  constructor(head: string) {
    const encoded = encoder.encode(head)
    this.#headLength = encoded.length
    this.length = encoded.length
    this.bytes = new Uint8Array(encoded.length + 512)
    this.bytes.set(encoded)
  }

  /** Starts a new tail, with room for this many bytes. */
  restart(room: number): void {
    this.length = this.#headLength
    if (this.bytes.length >= this.length + room) return
    const larger = new Uint8Array(this.length + room)
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
    this.#views = []
  }

  ascii(text: string): void {
    const { bytes } = this
    let at = this.length
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i)
    this.length = at
  }

  /** A string as JSON, with its quotes: up to six bytes a character. */
  string(text: string): void {
    if (!isPlain(text)) return this.utf8(JSON.stringify(text))
    this.bytes[this.length++] = 0x22
    this.ascii(text)
    this.bytes[this.length++] = 0x22
  }

  /** Up to three bytes a character. */
  utf8(text: string): void {
    this.length += encoder.encodeInto(text, this.bytes.subarray(this.length)).written
  }

  integer(value: number): void {
    if (value < 0 || value > 0x7fffffff) return this.ascii(`${value}`)
    let end = this.length + 1
    for (let rest = value; rest >= 10; rest = (rest / 10) | 0) end++
    this.length = end
    let rest = value
    do {
      const tens = (rest / 10) | 0
      this.bytes[--end] = 0x30 + rest - tens * 10
      rest = tens
    } while (rest > 0)
  }

  /** The line, until the next is started. Making a view is dearer than copying it, and there are few lengths. */
  view(): Uint8Array {
    return (this.#views[this.length] ??= this.bytes.subarray(0, this.length))
  }
}
