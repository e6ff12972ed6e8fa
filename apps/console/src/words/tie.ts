/** Sets a sentence: a number and what it is counted in stay on one line, and a minus is as wide as a plus. */
export function tie(text: string): string {
  return text
    .replace(/(?<=^|[\s[(])-(?=\d)/g, '−')
    .replace(/(?<=\d) (?=%|points?\b|min\b|m?s\b|h\b|days?\b|units?\b|of\b)/g, '\u00a0')
}
