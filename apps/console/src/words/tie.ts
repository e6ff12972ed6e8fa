/** Keeps a number and what it is counted in on one line. */
export function tie(text: string): string {
  return text.replace(/(?<=\d) (?=%|points?\b|min\b|m?s\b|h\b|days?\b|units?\b|of\b)/g, '\u00a0')
}
