// The exposure id of protocol, computed where it is needed a million times a second: SHA-256 as in FIPS 180-4,
// over buffers that are made once, with the blocks before the unit id compressed once an arm. A property test
// holds it against protocol's `exposureId`.

/** Writes a unit's exposure id as 22 bytes of ASCII, from `at` on. */
export type ExposureIdWriter = (unitId: string, into: Uint8Array, at: number) => void

/** Prepares `exposureId(experiment, phase, variant, unitId, trigger)` for the units of one arm. */
export function exposureIdWriter(
  experiment: string,
  phase: number,
  variant: string,
  trigger?: string,
): ExposureIdWriter {
  const prefix = encoder.encode(`${JSON.stringify([experiment, phase, variant]).slice(0, -1)},`)
  const blocks = prefix.length & ~63
  const midstate = Int32Array.from(INITIAL)
  compress(midstate, prefix, blocks)
  const rest = prefix.subarray(blocks)
  const end = encoder.encode(trigger === undefined ? ']' : `,${JSON.stringify(trigger)}]`)
  return (unitId, into, at) => {
    let message = scratch
    let length = rest.length
    if (isPlain(unitId) && length + unitId.length + 2 + end.length + PADDING <= scratch.length) {
      message.set(rest)
      message[length++] = QUOTE
      for (let i = 0; i < unitId.length; i++) message[length++] = unitId.charCodeAt(i)
      message[length++] = QUOTE
    } else {
      const unit = encoder.encode(JSON.stringify(unitId))
      message = new Uint8Array(length + unit.length + end.length + PADDING)
      message.set(rest)
      message.set(unit, length)
      length += unit.length
    }
    for (let i = 0; i < end.length; i++) message[length++] = end[i]!
    digest(midstate, message, length, blocks)
    for (let i = 0, after = at + 22; at < after; i += 3) {
      const triple = (byteOf(i) << 16) | (byteOf(i + 1) << 8) | byteOf(i + 2)
      into[at++] = ALPHABET[triple >> 18]!
      into[at++] = ALPHABET[(triple >> 12) & 63]!
      if (at === after) return
      into[at++] = ALPHABET[(triple >> 6) & 63]!
      into[at++] = ALPHABET[triple & 63]!
    }
  }
}

/** The first five characters of an exposure id as a number in [0, 1), uniform over units and the same everywhere. */
export function shareOfId(id: Uint8Array, at: number): number {
  let digits = 0
  for (let i = at; i < at + 5; i++) digits = digits * 64 + ALPHABET.indexOf(id[i]!)
  return digits / 64 ** 5
}

/** Whether a text stands in JSON as it is, a byte a character. */
export function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) return false
  }
  return true
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
/** A one bit, zeros, the length: at most this many bytes more than the message. */
const PADDING = 72

const encoder = new TextEncoder()
const scratch = new Uint8Array(1280)
const state = new Int32Array(8)
const schedule = new Int32Array(64)

/** Pads the message in place and compresses it on top of the midstate; leaves the digest in `state`. */
function digest(midstate: Int32Array, message: Uint8Array, length: number, before: number): void {
  const end = (length + PADDING) & ~63
  message.fill(0, length, end)
  message[length] = 0x80
  const bits = (before + length) * 8
  message[end - 4] = bits >>> 24
  message[end - 3] = bits >>> 16
  message[end - 2] = bits >>> 8
  message[end - 1] = bits
  state.set(midstate)
  compress(state, message, end)
}

function byteOf(index: number): number {
  return (state[index >> 2]! >>> (24 - ((index & 3) << 3))) & 255
}

function compress(hash: Int32Array, bytes: Uint8Array, end: number): void {
  const w = schedule
  for (let block = 0; block < end; block += 64) {
    for (let i = 0, at = block; i < 16; i++, at += 4) {
      w[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
    }
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15]!
      const y = w[i - 2]!
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
      w[i] = w[i - 16]! + s0 + w[i - 7]! + s1
    }
    let a = hash[0]!
    let b = hash[1]!
    let c = hash[2]!
    let d = hash[3]!
    let e = hash[4]!
    let f = hash[5]!
    let g = hash[6]!
    let h = hash[7]!
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
      const t1 = (h + s1 + (g ^ (e & (f ^ g))) + ROUNDS[i]! + w[i]!) | 0
      const t2 = (s0 + ((a & b) ^ (c & (a ^ b)))) | 0
      h = g
      g = f
      f = e
      e = (d + t1) | 0
      d = c
      c = b
      b = a
      a = (t1 + t2) | 0
    }
    hash[0]! += a
    hash[1]! += b
    hash[2]! += c
    hash[3]! += d
    hash[4]! += e
    hash[5]! += f
    hash[6]! += g
    hash[7]! += h
  }
}

// The first 32 bits of the fractional parts: of the cube roots of the first 64 primes, and the square roots of the
// first eight.
const PRIMES: number[] = []
for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((prime) => n % prime !== 0)) PRIMES.push(n)
const ROUNDS = Int32Array.from(PRIMES, (prime) => (Math.cbrt(prime) % 1) * 2 ** 32)
const INITIAL = Int32Array.from(PRIMES.slice(0, 8), (prime) => (Math.sqrt(prime) % 1) * 2 ** 32)

const ALPHABET = encoder.encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
