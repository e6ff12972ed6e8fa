/** Text from data may hold what moves a terminal's cursor, or turns its lines around: each such character as `\u{…}`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escape)
}

/** The same of a text of several lines, which stay lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu

function escape(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`
}
