/** The UTF-8 bytes of JSON text: JSON.stringify escapes lone surrogates, so there is always such a thing. */
export function utf8(json: string): Uint8Array {
  const latin1 = unescape(encodeURIComponent(json))
  return Uint8Array.from(latin1, (character) => character.charCodeAt(0))
}
