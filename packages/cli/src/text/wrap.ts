const WIDTH = 80

/** Breaks a sentence into lines of at most 80 columns; a word that is longer stays whole. */
export function wrap(text: string, indent: string, hanging = indent): string {
  const lines: string[] = []
  let line = indent
  let isEmpty = true
  for (const word of text.split(/\s+/).filter((word) => word !== '')) {
    if (!isEmpty && [...line].length + 1 + [...word].length > WIDTH) {
      lines.push(line)
      line = hanging
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line].join('\n')
}
