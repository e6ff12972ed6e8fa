/** The first bits of some bytes, 6 a character, in the alphabet that is safe in addresses and file names (RFC 4648). */
export function base64url(bytes: Uint8Array, characters: number): string {
  let text = ''
  for (let i = 0; text.length < characters; i += 3) {
    const triple = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text +=
      ALPHABET[triple >> 18]! +
      ALPHABET[(triple >> 12) & 63]! +
      ALPHABET[(triple >> 6) & 63]! +
      ALPHABET[triple & 63]!
  }
  return text.slice(0, characters)
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
